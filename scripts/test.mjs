// npm test: every test there is, from formatting to two real browsers. Fails if any suite fails or runs no test.
// `npm test -- e2e` runs the suites whose name contains "e2e" only.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tool } from './lib/paths.mjs';
import { Failure, ifMain, root, run, seconds, step } from './lib/run.mjs';
import { suite } from './lib/suite.mjs';
import { environment, setup } from './setup.mjs';
import { checkSizes } from './size.mjs';

const WASM = ['--target', 'wasm32-unknown-unknown'];

/** The checks that have no tests to count. */
const CHECKS = [
  ['The code is formatted', 'cargo', ['fmt', '--all', '--check']],
  ['The code of the examples is formatted', 'cargo', ['fmt', '--all', '--check', '--manifest-path', 'examples/Cargo.toml']],
  ['Clippy is content', 'cargo', ['clippy', '--quiet', '--all-targets', '--', '-D', 'warnings']],
  ['Clippy is content with the client in the browser', 'cargo', ['clippy', '--quiet', '-p', 'tidings', '--all-targets', '--all-features', ...WASM, '--', '-D', 'warnings']],
  ['Clippy is content with the worker of npm', 'cargo', ['clippy', '--quiet', '-p', 'tidings-npm', '--features', 'worker', ...WASM, '--', '-D', 'warnings']],
  ['Clippy is content with the page of npm', 'cargo', ['clippy', '--quiet', '-p', 'tidings-npm', '--features', 'page', ...WASM, '--', '-D', 'warnings']],
  ['Clippy is content with the worker in Rust', 'cargo', ['clippy', '--quiet', '-p', 'rust-worker', ...WASM, '--', '-D', 'warnings']],
  ['The documentation builds', 'cargo', ['doc', '--quiet', '--no-deps'], { RUSTDOCFLAGS: '-D warnings' }],
];

/** Suites of node's runner that drive browsers. */
const BROWSER_SUITES = ['e2e', 'web', 'packaging'];

/**
 * Runs the files with failed tests once more, by themselves: a browser on a busy machine misses a deadline now and then.
 * What fails twice is broken; what passes is named, so that nobody takes it for steady.
 */
async function again(result) {
  const files = [...result.files];
  const options = ['--test', '--test-reporter=spec', '--test-concurrency=1'];
  const second = await suite(`${result.name}, again`, process.execPath, [...options, ...files], { env: environment() });
  if (second.ok) {
    console.warn(`✗ not steady: ${result.failed} failed at first, and passed when run again, in ${files.join(', ')}`);
    Object.assign(result, { ok: true, failed: 0 });
  }
  return second;
}

function suites() {
  const tests = (folder) =>
    readdirSync(join(root, folder)).filter((file) => file.endsWith('.test.mjs')).map((file) => join(folder, file));
  const wasmPack = (browser) => [tool('wasm-pack'), ['test', '--headless', `--${browser}`, '--mode', 'no-install', 'crates/client']];
  return [
    // With what the guide of the crate uses.
    ['native', 'cargo', ['test', '--quiet', '--features', 'tidings/stream,tidings/serde']],
    ['scripts', process.execPath, ['--test', '--test-reporter=spec', ...tests('scripts/test')]],
    ['wasm in Chromium', ...wasmPack('chrome')],
    ['wasm in Firefox', ...wasmPack('firefox')],
    // One after the other: two cores, and every test measures a browser against a deadline.
    ['e2e', process.execPath, ['--test', '--test-reporter=spec', '--test-concurrency=1', ...tests('tests/e2e')]],
    ['web', process.execPath, ['--test', '--test-reporter=spec', '--test-concurrency=1', ...tests('tests/web')]],
    // The packed package in other people's projects; with TIDINGS_LONG=1 in all of them.
    ['packaging', process.execPath, ['--test', '--test-reporter=spec', '--test-concurrency=1', ...tests('tests/packaging')]],
  ];
}

await ifMain(import.meta.url, async () => {
  const start = performance.now();
  const only = process.argv[2];
  await setup({ for: 'test' });
  if (!only) {
    for (const [what, command, args, env] of CHECKS) {
      await step(what, () => run(command, args, { env: { ...process.env, ...env } }));
    }
  }
  // Imported once its packages are installed.
  const { build } = await import('./build.mjs');
  await step('Building the package, the demo and the server', build);
  checkSizes();

  const results = [];
  for (const [name, command, args] of suites()) {
    if (only && !name.includes(only)) continue;
    const result = await suite(name, command, args, { env: environment() });
    results.push(result);
    if (!result.ok && BROWSER_SUITES.includes(name) && result.files.size > 0) results.push(await again(result));
  }
  if (results.length === 0) throw new Failure(`no suite is called ${only}; there are ${suites().map(([name]) => name).join(', ')}`);

  console.log('');
  console.table(Object.fromEntries(results.map(({ name, passed, failed, ms }) => [name, { passed, failed, time: seconds(ms) }])));
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  console.log(`in ${seconds(performance.now() - start)}`);
  // The line that a reader, or a machine, looks for.
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  const bad = results.filter(({ ok }) => !ok);
  if (bad.length > 0) throw new Failure(`failed: ${bad.map(({ name }) => name).join(', ')}`);
});
