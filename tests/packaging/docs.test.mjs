// The documentation: every block of code in it is checked, and every link leads somewhere.
//
// - js, jsx, ts: type-checked against the packed package, with the names that tests/packaging/docs/in-*.d.ts declare
// - html: well-formed; its scripts as js, its import maps as json
// - json: parsed; a message is one that every browser takes
// - sh: the commands exist, with these options
// - vue, svelte, and any other that is part of a file that a test builds
// - rust, toml: in the files that readme-rust.test.mjs compiles, and the settings in docs/server.md by `tidings-cli`
// - rust,ignore in docs/server.md: in the examples of `tidings-server`
// - what is no code of ours: configuration of others, layouts
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { bin } from '../../scripts/lib/paths.mjs';
import { root } from '../../scripts/lib/run.mjs';
import { anchors, documents, everyBlock, links } from './lib/docs.mjs';
import { packed, unpacked } from './lib/project.mjs';
import { wrongCommands } from './lib/shell.mjs';

/** @typedef {ReturnType<typeof everyBlock>[number]} Block */

const COMPILED_ELSEWHERE = { rust: ['README.md', 'docs/rust.md'], toml: ['README.md', 'docs/rust.md', 'docs/server.md'] };
const NO_CODE = ['', 'text', 'http', 'nginx', 'ini', 'yaml', 'dockerfile', 'sql'];
const TESTED = ['crates/server/examples', 'tests/packaging/projects/frameworks/src', 'tests/packaging/projects/frameworks'];

const all = documents().flatMap(everyBlock);
const where = (/** @type {Block} */ { file, line }) => `${file}:${line}`;
const library = await unpacked();

/** Where a script runs: its first line names its file, or what it uses says so. */
function context(/** @type {string} */ code) {
  const [first] = code.split('\n');
  if (/tidings\/worker'|\bimportScripts\(|\bself\.|serwist/.test(code) || /^\/\/ .*(sw|worker)\.m?[jt]s/.test(first)) return 'worker';
  if (/'(node:|tidings\/testing|web-push|selenium-)/.test(code) || /^\/\/ .*(config|server|test|build)\.m?[jt]s/.test(first)) return 'node';
  return 'page';
}

/** The scripts of a page, where they are in it. */
const scripts = (/** @type {Block} */ block) =>
  [...block.code.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)].map(({ 1: attributes, 2: code, index = 0 }) => ({
    ...block, code, line: block.line + block.code.slice(0, index).split('\n').length - 1,
    language: attributes.includes('importmap') ? 'json' : 'js',
  })).filter(({ code }) => code.trim());

const pieces = all.flatMap((block) => (block.language === 'html' ? [block, ...scripts(block)] : [block]));
const of = (/** @type {string[]} */ ...languages) => pieces.filter(({ language }) => languages.includes(language));

/** Whether it is, as it stands, in a file that a test builds. */
const isTested = ({ code }) =>
  TESTED.some((folder) => readdirSync(path.join(root, folder), { withFileTypes: true }).some((file) => file.isFile() && readFileSync(path.join(root, folder, file.name), 'utf8').includes(code.trim())));

test('there is no code that nothing checks', () => {
  const checked = ['js', 'jsx', 'ts', 'html', 'json', 'sh'];
  const unchecked = all.filter((block) => {
    const language = block.language.split(/[ ,]/)[0];
    const files = COMPILED_ELSEWHERE[/** @type {keyof typeof COMPILED_ELSEWHERE} */ (language)];
    return !(checked.includes(block.language) || files?.includes(block.file) || NO_CODE.includes(language) || isTested(block));
  });
  assert.deepEqual(unchecked.map((block) => `${where(block)} (${block.language})`), []);
});

describe('scripts', () => {
  const project = path.join(path.dirname(packed().file), 'docs-blocks');
  /** @type {Record<string, { files: string[], options: object }>} */
  const programs = {};

  before(() => {
    rmSync(project, { recursive: true, force: true });
    mkdirSync(path.join(project, 'node_modules'), { recursive: true });
    symlinkSync(library, path.join(project, 'node_modules/tidings'), 'dir');
    cpSync(path.join(root, 'tests/packaging/docs'), project, { recursive: true });
    for (const block of of('js', 'jsx', 'ts')) {
      const kind = context(block.code);
      const strict = block.language === 'ts';
      const lib = kind === 'worker' ? ['WebWorker'] : ['DOM', 'DOM.Iterable'];
      const program = (programs[`${kind}${strict ? '-strict' : ''}`] ??= {
        files: [`in-${kind}.d.ts`],
        options: {
          target: 'ES2022', module: 'ESNext', moduleResolution: 'Bundler', lib: ['ES2023', ...lib], types: kind === 'node' ? ['node'] : [],
          typeRoots: [path.join(root, 'node_modules/@types')], jsx: 'react-jsx', noEmit: true, allowJs: true, checkJs: true, strict, strictNullChecks: true, skipLibCheck: true,
        },
      });
      // On the lines that it has in the document, so that the compiler's are the document's.
      const name = `${block.file.replace('/', '-')}.${block.line}.${block.language}`;
      writeFileSync(path.join(project, name), `${'\n'.repeat(block.line - 1)}${block.code}\nexport {};\n`);
      program.files.push(name);
    }
  });

  for (const name of ['page', 'worker', 'node', 'page-strict']) {
    test(`in a ${name}`, () => {
      if (!programs[name]) return;
      const { files, options } = programs[name];
      const config = path.join(project, `${name}.json`);
      writeFileSync(config, JSON.stringify({ compilerOptions: options, files }));
      const { status, stdout } = spawnSync(process.execPath, [bin('tsc', 'typescript'), '-p', config], { encoding: 'utf8', cwd: project });
      assert.equal(status, 0, stdout);
    });
  }

  test('none is left out', () => {
    assert.deepEqual(Object.keys(programs).filter((name) => !['page', 'worker', 'node', 'page-strict'].includes(name)), []);
    assert.ok(Object.values(programs).reduce((sum, { files }) => sum + files.length, 0) > 10);
  });
});

test('JSON, and messages that every browser takes', () => {
  for (const block of of('json')) {
    /** @type {any} */
    let value;
    try {
      // A part of a larger file is written without its braces.
      value = JSON.parse(/^\s*"/.test(block.code) ? `{${block.code}}` : block.code);
    } catch (error) {
      assert.fail(`${where(block)}: ${error}`);
    }
    if (!value?.web_push) continue;
    assert.equal(value.web_push, 8030, where(block));
    assert.ok(value.notification.title, `${where(block)}: WebKit takes no empty title`);
    assert.ok(URL.canParse(value.notification.navigate), `${where(block)}: WebKit takes no relative URL`);
  }
});

test('commands', () => {
  const wrong = of('sh').flatMap((block) => wrongCommands(block.code, path.join(library, 'dist/cli.js')).map((what) => `${where(block)}: ${what}`));
  assert.deepEqual(wrong, []);
});

test('HTML', () => {
  const empty = ['!doctype', 'meta', 'link', 'img', 'input', 'br'];
  for (const block of of('html')) {
    /** @type {string[]} */
    const open = [];
    for (const [, end, name] of block.code.replaceAll(/(<script[^>]*>)[^]*?(<\/script>)/g, '$1$2').matchAll(/<(\/?)([!\w-]+)[^>]*>/g)) {
      if (end) assert.equal(open.pop(), name, where(block));
      else if (!empty.includes(name.toLowerCase())) open.push(name);
    }
    // What the parser closes by itself may stay open.
    assert.deepEqual(open.filter((name) => !['html', 'head', 'body', 'p', 'li'].includes(name)), [], where(block));
  }
});

test('links lead to what is there', () => {
  for (const file of documents()) {
    for (const to of links(file).filter((one) => !/^(https?|mailto):/.test(one))) {
      const [name, anchor] = to.split('#');
      const target = name ? path.posix.join(path.posix.dirname(file), name) : file;
      assert.ok(existsSync(path.join(root, target)), `${file}: no ${target}`);
      if (anchor) assert.ok(anchors(target).includes(anchor), `${file}: no heading #${anchor} in ${target}`);
    }
  }
});
