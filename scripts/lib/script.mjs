// The script of the worker, which ships as it is: as small as it gets.

import { minify } from 'terser';
import { decoder, literal } from './inline.mjs';

/** The source of `#wasm` in such a script: the bytes are those that stand behind it. */
export const behind = `export const text = bytes; export default () => (${decoder})(text);`;

/**
 * A classic script of a bundle (a module without imports and exports, minified by esbuild), with the bytes of its WASM
 * behind it, where they move no line of the source map.
 *
 * terser, after esbuild, takes 0.4 kB more off the worker (brotli).
 */
export async function script(/** @type {string} */ bundle, /** @type {string} */ map, /** @type {Uint8Array} */ bytes) {
  const result = await minify(bundle, {
    module: true, ecma: 2020, compress: { passes: 3, inline: 1, sequences: false, unsafe_arrows: true }, sourceMap: { content: map },
  });
  const { sources, sourcesContent } = JSON.parse(map);
  const { mappings, ...rest } = JSON.parse(/** @type {string} */ (result.map));
  // What is put around the code puts it on the second line.
  return {
    code: `"use strict";(bytes=>{\n${result.code}\n})(${literal(bytes)});\n`,
    map: JSON.stringify({ ...rest, sourcesContent: rest.sources.map((source) => sourcesContent[sources.indexOf(source)]), mappings: `;${mappings}` }),
  };
}
