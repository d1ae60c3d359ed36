// Builds the Rust apps under examples/: page and worker of each, into target/examples/www/NAME, to be served as they are.
// `node scripts/examples.mjs [NAME…]`. One cargo build for all: what they have in common is compiled once.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bin, tidings, tool } from './lib/paths.mjs';
import { Failure, ifMain, root, run, step } from './lib/run.mjs';
import { setup } from './setup.mjs';
import { weigh } from './size.mjs';

export const EXAMPLES = ['wasm-bindgen', 'leptos', 'yew', 'dioxus'];

const target = join(root, 'target/examples');
const modules = join(target, 'wasm32-unknown-unknown/release');

/** The folder that a web server serves. */
export const folderOf = (/** @type {string} */ name) => join(target, 'www', name);

/** The WASM features that rustc turns on. */
const FEATURES = ['bulk-memory', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals', 'reference-types', 'multivalue'];

/** Compiles pages and workers. @param {string[]} names */
async function compile(names) {
  const packages = names.flatMap((name) => ['--package', `${name}-page`, '--package', `${name}-worker`]);
  // In its folder, where its configuration is.
  await run('cargo', ['build', '--quiet', '--locked', '--release', '--target', 'wasm32-unknown-unknown', ...packages], { cwd: join(root, 'examples') });
}

/** What the site of one is made of, in a word that changes with it. @param {string[]} files */
function fingerprint(...files) {
  const hash = createHash('sha256');
  for (const file of [...files, new URL(import.meta.url), join(root, 'crates/cli/assets/worker-shim.js')]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** Makes a site of one, unless it is made. @param {string} name */
async function assemble(name) {
  const out = folderOf(name);
  const worker = join(modules, `${name.replaceAll('-', '_')}_worker.wasm`);
  const stamp = join(target, `${name}.made`);
  const print = fingerprint(join(modules, `${name}-page.wasm`), worker, join(root, 'examples', name, 'index.html'));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === print) return;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await run(tool('wasm-bindgen'), [join(modules, `${name}-page.wasm`), '--target', 'web', '--out-dir', out, '--out-name', 'page', '--no-typescript', '--remove-name-section', '--remove-producers-section']);
  const wasm = join(out, 'page_bg.wasm');
  await run(process.execPath, [bin('wasm-opt', 'binaryen'), wasm, '-o', wasm, '-Oz', ...FEATURES.map((feature) => `--enable-${feature}`)]);
  // What `trunk` and `dx` write into the page by themselves.
  writeFileSync(join(out, 'boot.js'), "import init from './page.js';\nawait init();\n");
  const html = readFileSync(join(root, 'examples', name, 'index.html'), 'utf8').replace(/^<link data-trunk.*\n/gm, '');
  const boot = '<script type="module" src="/boot.js"></script>';
  writeFileSync(join(out, 'index.html'), html.includes(boot) ? html : html.replace('</body>', `${boot}\n</body>`));
  await run(tidings, ['worker', '--wasm', worker, '--out', join(out, 'worker.js')], {
    env: { ...process.env, WASM_BINDGEN: tool('wasm-bindgen'), WASM_OPT: join(root, 'node_modules/binaryen/bin/wasm-opt') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(stamp, print);
}

/** Builds these; the program `tidings` is there already. */
export async function buildExamples(names = EXAMPLES) {
  await compile(names);
  for (const name of names) await assemble(name);
}

/** What a browser loads of each, after brotli. */
export function exampleSizes(names = EXAMPLES) {
  const brotli = (/** @type {string} */ file) => weigh(readFileSync(file)).brotli;
  const scripts = (/** @type {string} */ folder) => readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith('.js') && file !== 'worker.js');
  return Object.fromEntries(names.map((name) => {
    const out = folderOf(name);
    return [name, {
      'page WASM': brotli(join(out, 'page_bg.wasm')),
      'page JavaScript': scripts(out).reduce((sum, file) => sum + brotli(join(out, file)), 0),
      worker: brotli(join(out, 'worker.js')),
    }];
  }));
}

await ifMain(import.meta.url, async () => {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !EXAMPLES.includes(name));
  if (unknown) throw new Failure(`no example is called ${unknown}; there are ${EXAMPLES.join(', ')}`);
  await setup({ for: 'start' });
  await run('cargo', ['build', '--quiet', '--package', 'tidings-cli']);
  const chosen = names.length > 0 ? names : EXAMPLES;
  await step(`Building ${chosen.join(', ')}`, () => buildExamples(chosen));
  console.table(exampleSizes(chosen));
  for (const name of chosen) console.log(`tidings serve --offline chromium --loopback-without-token --www target/examples/www/${name} --data target/examples/data`);
});
