// The package as it is published: what is in it, and whether resolvers and TypeScript find their way.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { bin } from '../../scripts/lib/paths.mjs';
import { read, root } from '../../scripts/lib/run.mjs';
import { weigh } from '../../scripts/size.mjs';
import { packed, unpacked } from './lib/project.mjs';

const { file } = packed();
const folder = await unpacked();
const contents = (await read('tar', ['-tzf', file])).split('\n').map((line) => line.replace(/^package\//, ''));
const text = (/** @type {string} */ name) => readFileSync(path.join(folder, name), 'utf8');
const own = JSON.parse(text('package.json'));
const entries = Object.entries(/** @type {Record<string, any>} */ (own.exports));

test('every export is in the package, types first and default last', () => {
  for (const [name, entry] of entries) {
    const files = typeof entry === 'string' ? [entry] : Object.values(entry);
    for (const one of files) assert.ok(contents.includes(one.replace('./', '')), `${name}: ${one}`);
    if (typeof entry === 'object') assert.deepEqual(Object.keys(entry), ['types', 'default'], name);
  }
});

test('nothing else is in the package', () => {
  const known = [
    /^package\.json$/, /^README\.md$/, /^LICENSE-(MIT|APACHE)$/,
    /^dist\/[\w-]+\.(js|mjs|wasm)(\.map)?$/, // the entries and their maps
    /^dist\/([\w-]+\/)*[\w-]+\.d\.ts$/,
    /^[\w-]+\/package\.json$/, // for Parcel
  ];
  assert.deepEqual(contents.filter((name) => !known.some((pattern) => pattern.test(name))), []);
  assert.equal(own.sideEffects, false);
  for (const field of ['dependencies', 'scripts', 'devDependencies']) assert.equal(own[field], undefined, field);
});

test('it can be published with its provenance, in one version with all else', () => {
  const cargo = readFileSync(path.join(root, 'Cargo.toml'), 'utf8');
  const [, version] = /^version = "(.*)"$/m.exec(cargo) ?? [];
  const [, repository] = /^repository = "(.*)"$/m.exec(cargo) ?? [];
  assert.equal(own.version, version);
  assert.equal(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version, version);
  for (const [, one] of cargo.matchAll(/^tidings\S* = \{.*version = "=?(.*?)"/gm)) assert.equal(one, version);
  // npm compares it with where the workflow runs.
  assert.equal(own.repository.url, `git+${repository}.git`);
  assert.deepEqual(own.publishConfig, { access: 'public', provenance: true });
  for (const name of ['LICENSE-MIT', 'LICENSE-APACHE', 'README.md']) assert.ok(contents.includes(name), name);
  const workflow = readFileSync(path.join(root, '.github/workflows/release.yml'), 'utf8');
  for (const needed of ['id-token: write', 'npm test', 'npm publish "target/tidings-']) assert.ok(workflow.includes(needed), needed);
});

test('a folder leads those who read no exports to each entry', () => {
  for (const [name, entry] of entries) {
    if (name === '.' || !entry.types) continue;
    const stub = JSON.parse(text(`${name.slice(2)}/package.json`));
    const led = (/** @type {string} */ to) => `./${path.posix.join(name.slice(2), to)}`;
    assert.deepEqual({ types: led(stub.types), default: led(stub.main) }, entry, name);
  }
  assert.deepEqual({ types: own.types, default: own.main }, own.exports['.']);
});

test('source maps hold sources, no bytes of the WASM and no path of the machine that built them', () => {
  for (const name of contents.filter((one) => one.endsWith('.map'))) {
    const { sources, sourcesContent } = JSON.parse(text(name));
    assert.ok(sources.length > 0, name);
    for (const [index, source] of sources.entries()) {
      assert.match(source, /^tidings\/[\w./:-]+$/, name);
      assert.ok(!source.includes('..') && !sourcesContent[index].includes(root), `${name}: ${source}`);
      if (source.includes(':')) assert.ok(sourcesContent[index].length < 100, `${name}: ${source}`);
    }
  }
});

// That there is no await at the top either is seen by Node's require, in bundlers.test.mjs.
test('bundlers have nothing to resolve: no import.meta, no dynamic import in what browsers load', () => {
  for (const name of ['index.js', 'slim.js', 'outbox.js', 'prompt.js', 'react.js', 'svelte.js', 'vue.js', 'worker.mjs', 'worker.js'].map((one) => `dist/${one}`)) {
    const source = text(name);
    assert.ok(!/import\.meta|\bimport\(/.test(source), name);
  }
});

test('publint has nothing to say', async () => {
  const { messages } = await publint({ pkgDir: folder, strict: true, pack: false });
  assert.deepEqual(messages.map((message) => formatMessage(message, own)), []);
});

test('TypeScript resolves every entry', async () => {
  // An ES module only: CommonJS gets it by require(esm). The classic script and the WASM have no types.
  const untyped = entries.filter(([, entry]) => !entry.types).map(([name]) => name);
  const attw = path.join(root, 'node_modules/@arethetypeswrong/cli', 'dist/index.js');
  await read(process.execPath, [
    attw, file, '--profile', 'esm-only', '--no-color', '--exclude-entrypoints', ...untyped,
  ]);
});

test('the types check in a strict project, without those of Node', async () => {
  const project = path.join(path.dirname(file), 'types');
  mkdirSync(path.join(project, 'node_modules'), { recursive: true });
  rmSync(path.join(project, 'node_modules/tidings'), { force: true });
  symlinkSync(folder, path.join(project, 'node_modules/tidings'), 'dir');
  writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }');
  const check = async (/** @type {string} */ name, /** @type {string[]} */ lib, /** @type {string} */ source) => {
    const options = { module: 'node16', lib: ['ES2022', ...lib], types: [], strict: true, exactOptionalPropertyTypes: true, noEmit: true };
    writeFileSync(path.join(project, `${name}.ts`), source);
    writeFileSync(path.join(project, `${name}.json`), JSON.stringify({ compilerOptions: options, files: [`${name}.ts`] }));
    const { stdout } = spawnSync(process.execPath, [bin('tsc', 'typescript'), '-p', path.join(project, `${name}.json`)], { encoding: 'utf8' });
    assert.equal(stdout, '');
  };
  const all = entries.filter(([, entry]) => entry.types).map(([name]) => path.posix.join('tidings', name));
  const imports = (/** @type {string[]} */ names) => names.map((name, index) => `import * as e${index} from '${name}';\nexport { e${index} };`).join('\n');
  const inWorkers = ['tidings/worker'];
  // Its ref is Vue's: frameworks.test.mjs checks it, where there is a Vue.
  const withVue = ['tidings/vue'];
  await check('page', ['DOM'], `${imports(all.filter((name) => ![...inWorkers, ...withVue].includes(name)))}
    import { PushError, createPush } from 'tidings';
    createPush({ worker: '/worker.js' }).on('click', ({ url }) => url.length);
    export const code = (error: PushError) => error.code === 'no-push';`);
  await check('worker', ['WebWorker'], `${imports(inWorkers)}
    import { listen } from 'tidings/worker';
    listen({ accepts: 'all', onClick: (click) => (click.action === 'later' ? false : undefined) });`);
});

test('the bytes of loading the WASM oneself', async (context) => {
  const bytes = (/** @type {string} */ name) => weigh(readFileSync(path.join(folder, 'dist', name))).brotli;
  const [inlined, slim, wasm] = ['index.js', 'slim.js', 'page.wasm'].map(bytes);
  context.diagnostic(`after brotli: page entry ${inlined}; slim ${slim} + page.wasm ${wasm} = ${slim + wasm}`);
  assert.ok(slim + wasm < inlined);
});
