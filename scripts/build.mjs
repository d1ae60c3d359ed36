// Builds everything: the npm package (two WASM modules, one worker script, one page entry), its tarball, the demo that
// consumes the tarball, and the `tidings` binary. Run by `npm start` and `npm test`.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build as bundle, transformSync } from 'esbuild';
import { decoder, inlined } from './lib/inline.mjs';
import { minified } from './lib/minify.mjs';
import { bundleForNode, finishPackage } from './lib/package.mjs';
import { bin, tool } from './lib/paths.mjs';
import { Failure, ifMain, root, run } from './lib/run.mjs';
import { behind, behindModule, entry as entryOf, script } from './lib/script.mjs';
import { shiftOfText } from './lib/sections.mjs';

const npm = join(root, 'crates/npm');
const dist = join(npm, 'dist');
const target = join(root, 'target');

/** The WASM features that rustc turns on for wasm32-unknown-unknown. */
const FEATURES = [
  '--enable-bulk-memory', '--enable-nontrapping-float-to-int', '--enable-sign-ext', '--enable-mutable-globals',
  '--enable-reference-types', '--enable-multivalue',
];

/** What the scripts use of their modules. */
const DECISIONS = {
  page: [
    'memory', 'room', 'next', 'mayFail', 'subscription', 'failure', 'refusal', 'obstacle', 'needsGesture', 'label', 'isKey',
    'isSameKey', 'uploadWait', 'primingWait',
  ],
  worker: ['plan', 'finish', 'click', 'choose', 'turn', 'judge'],
};

/** From where on LLVM calls a function in place of writing it out: found by trying, see bench/README.md. */
const THRESHOLDS = { page: 20, worker: 150 };

/** Nothing here is deep, and the constants above a small stack are shorter numbers: below 8192 two bytes. */
const STACK = 4096;

const optimiser = (tool) => (...args) => [bin(tool, 'binaryen'), ...FEATURES, ...args];

/** Compiles one of the two modules and optimises it; gives the file of its bytes. */
async function wasm(name) {
  const out = join(target, 'npm', name);
  const profile = name === 'worker' ? 'wasm-worker' : 'wasm';
  await run('cargo', [
    'rustc', '--quiet', '--profile', profile, '--target', 'wasm32-unknown-unknown', '--crate-type', 'cdylib',
    '--package', 'tidings-npm', '--features', name, '--target-dir', join(target, 'npm', 'cargo'),
    '--', '-C', `link-arg=-zstack-size=${STACK}`, '-C', `llvm-args=-inline-threshold=${THRESHOLDS[name]}`,
  ]);
  await run(tool('wasm-bindgen'), [
    join(target, 'npm/cargo/wasm32-unknown-unknown', profile, 'tidings_npm.wasm'),
    '--target', 'web', '--out-dir', out, '--out-name', 't', '--no-typescript',
    '--omit-default-module-path', '--remove-name-section', '--remove-producers-section',
  ]);
  // Numbers go in and out: what wasm-bindgen brings for other values is not needed.
  const graph = DECISIONS[name].map((name) => ({ name, export: name }));
  writeFileSync(join(out, 'used.json'), JSON.stringify([{ name: 'used', root: true, reaches: DECISIONS[name] }, ...graph]));
  const reduce = optimiser('wasm-metadce');
  execFileSync(process.execPath, reduce(join(out, 't_bg.wasm'), '-o', join(out, 't_bg.wasm'), '-f', join(out, 'used.json')));
  const optimised = join(out, 'optimised.wasm');
  await run(process.execPath, optimiser('wasm-opt')(
    join(out, 't_bg.wasm'), '-o', optimised, '-Oz', '--converge', '--low-memory-unused',
    // A browser compiles each function when it is called first: what is seldom called must stay a function of its own.
    '--one-caller-inline-max-function-size=30',
    '--strip-debug', '--strip-producers', '--strip-target-features',
  ));
  return optimised;
}

/** The module of the page: its script takes the exports by their names, and there are no imports. */
async function pageModule() {
  const bytes = readFileSync(await wasm('page'));
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  if (imports.length > 0) throw new Failure(`the module of the page wants ${JSON.stringify(imports)}, and gets nothing`);
  writeFileSync(join(target, 'npm/page/t.wasm'), bytes);
  return bytes;
}

/** The module of the worker, and its values: the names by which they know each other are shortened in both. */
async function workerModule() {
  const out = join(target, 'npm/worker');
  const names = execFileSync(process.execPath, optimiser('wasm-opt')(
    await wasm('worker'), '-o', join(out, 't.wasm'), '--minify-imports-and-exports-and-modules',
  ), { encoding: 'utf8' });
  const glue = join(out, 'glue.js');
  const long = transformSync(readFileSync(join(npm, 'js/worker/values.ts'), 'utf8'), { loader: 'ts', target: 'es2022' }).code;
  writeFileSync(glue, minified(long, JSON.parse(names)));
  return { glue, bytes: readFileSync(join(out, 't.wasm')) };
}

/** Puts the inlined bytes in place of `#wasm`, and the shortened values in place of the worker's `./values`. */
const inline = ({ glue, bytes }, wasm = inlined(bytes)) => ({
  name: 'inline-wasm',
  setup(build) {
    build.onResolve({ filter: /^\.\/values$/ }, () => ({ path: glue }));
    build.onResolve({ filter: /^#wasm$/ }, () => ({ path: 'wasm', namespace: 'inline' }));
    build.onLoad({ filter: /.*/, namespace: 'inline' }, () => ({ contents: wasm, loader: 'js' }));
  },
});

/** Puts a module of these bytes in place of `#module`. */
const compiled = {
  name: 'compiled',
  setup(build) {
    build.onResolve({ filter: /^#module$/ }, () => ({ path: 'module', namespace: 'inline' }));
    build.onLoad({ filter: /.*/, namespace: 'inline' }, () => ({ contents: behindModule, loader: 'js' }));
  },
};

const shared = { bundle: true, minify: true, target: 'es2022', logLevel: 'warning', legalComments: 'none' };
/** What the package ships, with the sources for debuggers. */
const shipped = { ...shared, format: 'esm', sourcemap: 'external' };

/** A module that the package ships, with a linked map; `bytes` stand behind it. */
async function ship(name, { entry = `js/${name}.ts`, bytes, ...options } = {}) {
  const file = join(dist, `${name}.js`);
  const { outputFiles: [map, code] } = await bundle({
    ...shipped, entryPoints: [join(npm, entry)], outfile: file, write: false, charset: 'utf8', ...options,
  });
  const made = await entryOf(code.text, map.text, bytes, basename(file));
  writeFileSync(file, made.code);
  writeFileSync(`${file}.map`, made.map);
}

/** The hands of the page, readable: the crate `tidings` ships them. They are part of its source, so they are committed. */
async function buildHands() {
  await bundle({
    ...shared, minify: false, entryPoints: [join(npm, 'js/page/hands.ts')], outfile: join(root, 'crates/client/src/page/hands.js'),
    format: 'esm', charset: 'utf8', banner: { js: '// Made by scripts/build.mjs from crates/npm/js/page: change it there.' },
  });
  await bundle({
    ...shared, minify: false, entryPoints: [join(npm, 'js/outbox.ts')], outfile: join(root, 'crates/client/src/outbox/outbox.js'),
    format: 'esm', charset: 'utf8', banner: { js: '// Made by scripts/build.mjs from crates/npm/js/outbox: change it there.' },
  });
}

/** `crates/npm/dist` and the tarball in `target`; returns the tarball's path. */
export async function buildPackage() {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  await buildHands();
  const page = await pageModule();
  const worker = await workerModule();
  await ship('index', { bytes: page, plugins: [compiled] });
  await ship('prompt');
  await ship('outbox');
  // The hooks of frameworks, which are the app's.
  for (const name of ['react', 'svelte', 'vue']) await ship(name, { external: ['react', 'vue'] });
  const shift = { SHIFT: String(shiftOfText(worker.bytes)) };
  const [map, code] = (await bundle({
    ...shipped, entryPoints: [join(npm, 'js/worker.ts')], outfile: join(dist, 'worker.js'), charset: 'utf8',
    // Not linked: the script is copied to where its map is not.
    plugins: [inline(worker, behind)], define: shift, write: false,
  })).outputFiles;
  const whole = await script(code.text, map.text, worker.bytes);
  writeFileSync(join(dist, 'worker.js'), whole.code);
  writeFileSync(join(dist, 'worker.js.map'), whole.map);
  await bundle({
    ...shipped, entryPoints: [join(npm, 'js/worker-module.ts')], outfile: join(dist, 'worker.mjs'), sourcemap: 'linked',
    plugins: [inline(worker)], define: shift,
  });
  writeFileSync(join(dist, 'page.wasm'), page);
  await ship('slim', { plugins: [{ name: 'slim', setup: (build) => build.onResolve({ filter: /^#module$/ }, () => ({ path: join(npm, 'js/slim/source.ts') })) }] });
  await bundleForNode({ npm, dist });
  for (const config of ['tsconfig.json', 'tsconfig.node.json', 'tsconfig.worker.json']) {
    await run(process.execPath, [bin('tsc', 'typescript'), '-p', join(npm, 'js', config)]);
  }
  // The classic script exports nothing.
  rmSync(join(dist, 'worker.d.ts'));
  finishPackage(npm);
  for (const file of ['LICENSE-MIT', 'LICENSE-APACHE', 'README.md']) cpSync(join(root, file), join(npm, file));
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', target], { cwd: npm, shell: process.platform === 'win32' }),
  );
  return join(target, filename);
}

/** The demo's fonts (SIL OFL 1.1): they come from npm, and are no part of the package. */
const FONTS = ['bricolage-grotesque', 'figtree'];

/** `target/www`: the demo with the package as a user gets it, unpacked from the tarball. */
export async function buildDemo(tarball) {
  const www = join(target, 'www');
  const unpacked = join(target, 'npm/unpacked');
  for (const folder of [www, unpacked]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  await run('tar', ['-xzf', tarball, '-C', unpacked]);
  cpSync(join(root, 'www'), www, { recursive: true });
  for (const font of FONTS) {
    const file = `node_modules/@fontsource-variable/${font}/files/${font}-latin-wght-normal.woff2`;
    cpSync(join(root, file), join(www, 'fonts', `${font}.woff2`));
  }
  cpSync(join(unpacked, 'package/dist/worker.js'), join(www, 'worker.js'));
  cpSync(join(unpacked, 'package/dist'), join(www, 'tidings'), { recursive: true });
  return www;
}

/** In a worker of Rust the WASM comes from outside, and starts afresh after a panic. */
const packedLater = {
  name: 'packed-later',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\/(worker\/)?wasm$/ }, () => ({ path: join(npm, 'js/worker/instance.ts') }));
    build.onResolve({ filter: /^#decode$/ }, () => ({ path: 'decode', namespace: 'inline' }));
    build.onLoad({ filter: /.*/, namespace: 'inline' }, () => ({ contents: `export default ${decoder}`, loader: 'js' }));
  },
};

/**
 * The shim that `tidings worker` packs, in the repository so that the binary builds without Node. On CI it must be what
 * is committed.
 */
export async function buildShim() {
  const file = 'crates/cli/assets/worker-shim.js';
  await run(process.execPath, [bin('tsc', 'typescript'), '-p', join(npm, 'js/tsconfig.rust.json')]);
  const { outputFiles } = await bundle({
    ...shared, entryPoints: [join(npm, 'js/worker/rust.ts')], write: false, format: 'iife', charset: 'ascii',
    plugins: [packedLater],
  });
  const shim = outputFiles[0].text;
  if (existsSync(join(root, file)) && readFileSync(join(root, file), 'utf8') === shim) return;
  if (process.env.CI) throw new Failure(`${file} is not what its sources make: run \`npm run build\` and commit it`);
  writeFileSync(join(root, file), shim);
  console.log(`${file} has changed: commit it with its sources`);
}

/** The `tidings` binary. */
export async function buildBinary() {
  await run('cargo', ['build', '--quiet', '--package', 'tidings-cli']);
}

export async function build() {
  const tarball = await buildPackage();
  await buildDemo(tarball);
  await buildShim();
  await buildBinary();
  return tarball;
}

await ifMain(import.meta.url, build);
