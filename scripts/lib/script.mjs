// What browsers load, as small as it gets: terser, after esbuild, and the bytes of the WASM behind the code, where they move
// no line of the source map.
//
// terser takes 0.4 kB more off the worker (brotli), and 0.3 kB off the page entry.

import { minify } from 'terser';
import { decoder, literal } from './inline.mjs';

/** The source of `#wasm` in such a script: the bytes are those that stand behind it. */
export const behind = `export const text = bytes; export default () => (${decoder})(text);`;

/** The source of `#module`, likewise. */
export const behindModule = `export default () => new WebAssembly.Module((${decoder})(bytes));`;

/** A bundle made smaller, and its map. @param {string} bundle @param {string} map */
async function smaller(bundle, map) {
  const { code = '', map: made } = await minify(bundle, {
    module: true, ecma: 2020, compress: { passes: 3, inline: 1, sequences: false, unsafe_arrows: true }, sourceMap: { content: map },
  });
  const { sources, sourcesContent } = JSON.parse(map);
  const { mappings, ...rest } = JSON.parse(/** @type {string} */ (made));
  const contents = rest.sources.map((/** @type {string} */ source) => sourcesContent[sources.indexOf(source)]);
  return { code, map: { ...rest, sourcesContent: contents, mappings } };
}

/** A classic script of a bundle (a module without imports and exports, minified by esbuild), with the bytes of its WASM. */
export async function script(/** @type {string} */ bundle, /** @type {string} */ map, /** @type {Uint8Array} */ bytes) {
  const made = await smaller(bundle, map);
  // What is put around the code puts it on the second line.
  return {
    code: `"use strict";(bytes=>{\n${made.code}\n})(${literal(bytes)});\n`,
    map: JSON.stringify({ ...made.map, mappings: `;${made.map.mappings}` }),
  };
}

/** A module that others import, with the bytes of its WASM if it has any; `name` is that of its file. */
export async function entry(/** @type {string} */ bundle, /** @type {string} */ map, /** @type {Uint8Array | undefined} */ bytes, /** @type {string} */ name) {
  const made = await smaller(bundle, map);
  return {
    code: `${made.code}\n${bytes ? `const bytes=${literal(bytes)};\n` : ''}//# sourceMappingURL=${name}.map\n`,
    map: JSON.stringify({ ...made.map, file: name }),
  };
}
