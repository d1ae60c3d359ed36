// node scripts/parts.mjs: what the bytes of the worker's script are spent on, as Markdown; bench/README.md holds it.
//
// Bytes of the sources are those that esbuild counts in its minified output, before terser; those of the WASM are raw.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { literal } from './lib/inline.mjs';
import { ifMain, root } from './lib/run.mjs';
import { behind } from './lib/script.mjs';
import { sections } from './lib/sections.mjs';

const npm = join(root, 'crates/npm/js');

/** What a part of the sources is for. @type {[string, RegExp][]} */
const PARTS = [
  ['outbox: storage, order, sending, answers', /^outbox\//],
  ['push: payload, hook, foreground, effects, receipts', /^worker\/(push|effects|options)/],
  ['click: windows, delivery to pages', /^worker\/(click|pages)/],
  ['notifications that a hook shows itself', /^worker\/jobs/],
  ['the plain fallback, if WASM cannot run', /^worker\/plain/],
  ['subscription: changes, what the server was not told', /^worker\/(change|upload|store)|^page\//],
  ['WASM: start, values, imports', /^worker\/(wasm|values)|^wasm|glue/],
  ['listeners, taking over', /./],
];

/** The larger sections of a module, by their numbers. @type {Record<number, string>} */
const SECTIONS = { 1: 'types', 2: 'imports', 3: 'functions', 7: 'exports', 10: 'code', 11: 'names and tables' };

await ifMain(import.meta.url, async () => {
  const script = readFileSync(join(root, 'crates/npm/dist/worker.js'), 'utf8');
  const wasm = readFileSync(join(root, 'target/npm/worker/t.wasm'));
  const brotli = (/** @type {string | Buffer} */ text) => brotliCompressSync(text).length;
  const code = script.slice(0, script.lastIndexOf('})(`'));
  const { metafile } = await build({
    entryPoints: [join(npm, 'worker.ts')], bundle: true, minify: true, metafile: true, write: false, format: 'esm', target: 'es2022', outdir: root,
    plugins: [{
      name: 'wasm',
      setup(build) {
        build.onResolve({ filter: /^#wasm$/ }, () => ({ path: 'wasm', namespace: 'inline' }));
        build.onLoad({ filter: /.*/, namespace: 'inline' }, () => ({ contents: behind, loader: 'js' }));
      },
    }],
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  const bytes = new Map(PARTS.map(([part]) => [part, 0]));
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const name = file.replace(/^.*crates\/npm\/js\//, '');
    const [part] = /** @type {[string, RegExp]} */ (PARTS.find(([, pattern]) => pattern.test(name)));
    bytes.set(part, /** @type {number} */ (bytes.get(part)) + bytesInOutput);
  }
  console.log(`| part of the worker | bytes | brotli |\n|---|---:|---:|`);
  console.log(`| all | ${Buffer.byteLength(script)} | ${brotli(script)} |`);
  console.log(`| JavaScript, alone | ${Buffer.byteLength(code)} | ${brotli(code)} |`);
  for (const [part, size] of bytes) console.log(`| – ${part} | ${size} | |`);
  console.log(`| WASM, alone | ${wasm.length} | ${brotli(wasm)} |`);
  console.log(`| – as it stands in a script in UTF-8 | ${Buffer.byteLength(literal(wasm))} | ${brotli(literal(wasm))} |`);
  for (const { id, size } of sections(wasm)) if (SECTIONS[id]) console.log(`| – ${SECTIONS[id]} | ${size} | |`);
});
