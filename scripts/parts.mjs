// node scripts/parts.mjs: what the bytes of the worker's script, and of the page entry, are spent on, as Markdown;
// bench/README.md holds it.
//
// Bytes of the sources are those that esbuild counts in its minified output, before terser; those of the WASM are raw.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { literal } from './lib/inline.mjs';
import { ifMain, root } from './lib/run.mjs';
import { behind, behindModule } from './lib/script.mjs';
import { sections } from './lib/sections.mjs';

const npm = join(root, 'crates/npm/js');

/** What a part of the sources is for; the last one takes the rest. @typedef {[string, RegExp][]} Parts */

/** @type {Parts} */
const WORKER = [
  ['outbox: storage, order, sending, answers', /^outbox\//],
  ['push: payload, hook, foreground, effects, receipts', /^worker\/(push|effects|options)/],
  ['click: windows, delivery to pages', /^worker\/(click|pages)/],
  ['notifications that a hook shows itself', /^worker\/jobs/],
  ['the plain fallback, if WASM cannot run', /^worker\/plain/],
  ['subscription: changes, what the server was not told', /^worker\/(change|upload|store)|^page\//],
  ['WASM: start, values, imports', /^worker\/(wasm|values)|^wasm|glue/],
  ['listeners, taking over', /./],
];

/** @type {Parts} */
const PAGE = [
  ['a run: the steps, and what becomes of their failures', /^page\/run/],
  ['the record, and the database', /^page\/(record|store)|^outbox\//],
  ['one run at a time, occasions for it, notifications, badge', /^page\/(hands|unknown)/],
  ['the question for the permission', /^page\/permission/],
  ['what the browser has, codes and names', /^page\/(environment|error|head)/],
  ['events from the worker', /^page\/messages/],
  ['requests to the server', /^page\/server/],
  ['WASM: start, texts', /^page\/start|^module/],
  ['what the app sees', /./],
];

/** The larger sections of a module, by their numbers. @type {Record<number, string>} */
const SECTIONS = { 1: 'types', 2: 'imports', 3: 'functions', 7: 'exports', 10: 'code', 11: 'names and tables' };

const brotli = (/** @type {string | Buffer} */ text) => brotliCompressSync(text).length;

/** @param {string} name @param {{ file: string, entry: string, wasm: string, source: string, end: string, parts: Parts }} of `end`: where the bytes begin */
async function table(name, { file, entry, wasm: module, source, end, parts }) {
  const script = readFileSync(join(root, 'crates/npm/dist', file), 'utf8');
  const wasm = readFileSync(join(root, 'target/npm', module));
  const code = script.slice(0, script.lastIndexOf(end));
  const { metafile } = await build({
    entryPoints: [join(npm, entry)], bundle: true, minify: true, metafile: true, write: false, format: 'esm', target: 'es2022', outdir: root,
    plugins: [{
      name: 'wasm',
      setup(build) {
        build.onResolve({ filter: /^#(wasm|module)$/ }, ({ path }) => ({ path: path.slice(1), namespace: 'inline' }));
        build.onLoad({ filter: /.*/, namespace: 'inline' }, () => ({ contents: source, loader: 'js' }));
      },
    }],
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  const bytes = new Map(parts.map(([part]) => [part, 0]));
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const name = file.replace(/^.*crates\/npm\/js\/|^inline:/, '');
    const [part] = /** @type {[string, RegExp]} */ (parts.find(([, pattern]) => pattern.test(name)));
    bytes.set(part, /** @type {number} */ (bytes.get(part)) + bytesInOutput);
  }
  console.log(`| part of the ${name} | bytes | brotli |\n|---|---:|---:|`);
  console.log(`| all | ${Buffer.byteLength(script)} | ${brotli(script)} |`);
  console.log(`| JavaScript, alone | ${Buffer.byteLength(code)} | ${brotli(code)} |`);
  for (const [part, size] of bytes) console.log(`| – ${part} | ${size} | |`);
  console.log(`| WASM, alone | ${wasm.length} | ${brotli(wasm)} |`);
  console.log(`| – as it stands in a script in UTF-8 | ${Buffer.byteLength(literal(wasm))} | ${brotli(literal(wasm))} |`);
  for (const { id, size } of sections(wasm)) if (SECTIONS[id]) console.log(`| – ${SECTIONS[id]} | ${size} | |`);
  console.log('');
}

await ifMain(import.meta.url, async () => {
  await table('worker', { file: 'worker.js', entry: 'worker.ts', wasm: 'worker/t.wasm', source: behind, end: '})(`', parts: WORKER });
  await table('page entry', { file: 'index.js', entry: 'index.ts', wasm: 'page/t.wasm', source: behindModule, end: 'const bytes=', parts: PAGE });
});
