import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { SourceMap } from 'node:module';
import test from 'node:test';
import { transformSync } from 'esbuild';
import { inlined, literal } from '../lib/inline.mjs';
import { minified } from '../lib/minify.mjs';
import { behind, script } from '../lib/script.mjs';
import { sections, shiftOfText } from '../lib/sections.mjs';
import { count, failedFile } from '../lib/suite.mjs';

/** What a browser would get from the module's source; `fromBase64` only where it is new enough. */
const decode = (source, Uint8Array) => new Function('Uint8Array', source.replace('export default', 'return').replace('export const', 'const'))(Uint8Array)();

test('inlined bytes come back as they were', () => {
  const every = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const traps = Buffer.from('\0asm\x001`\\${\r\n\x07\x1b\b\\x07\\\n\u2028', 'latin1');
  const newer = { fromBase64: (text) => Buffer.from(text, 'base64') };
  for (const bytes of [Buffer.alloc(0), every, traps, ...[1, 2, 1000, 30_000].map((length) => randomBytes(length))]) {
    assert.deepEqual(Buffer.from(decode(inlined(bytes), Uint8Array)), bytes);
    assert.deepEqual(Buffer.from(decode(inlined(bytes), newer)), bytes);
    assert.deepEqual(Buffer.from(new Function(`return ${literal(bytes)}`)(), 'latin1'), bytes);
    assert.doesNotMatch(literal(bytes), /[\0\r]/);
  }
});

test('a script has its bytes behind it, and its map still leads to the sources', async () => {
  const bytes = Buffer.from('\0asm`${1}\n', 'latin1');
  const source = `${behind.replace('export default', 'const wasm =').replace('export const', 'const')}\nfunction tell(what) { self.told = what }\ntell(wasm());`;
  const { code, map } = transformSync(source, { minify: true, sourcemap: true, sourcefile: 'a.ts', format: 'esm' });
  const made = await script(code, map, bytes);
  const self = {};
  new Function('self', made.code)(self);
  assert.deepEqual(Buffer.from(self.told), bytes);
  const { sourcesContent } = JSON.parse(made.map);
  assert.deepEqual(sourcesContent, [source]);
  const found = new SourceMap(JSON.parse(made.map)).findEntry(1, made.code.split('\n')[1].indexOf('told'));
  assert.equal(found.originalLine, 1, 'the line of `told`, from 0');
});

test('names are shortened in the glue where the module has shortened them', () => {
  const glue = 'const i = {\n    __wbg_get_1: function() { wasm.__free(1); },\n};\nreturn { "./t_bg.js": i };';
  const names = { imports: [['./t_bg.js', '__wbg_get_1', 'b']], exports: [['__free', '$'], ['unused', 'c']] };
  assert.equal(minified(glue, names), 'const i = {\n    b: function() { wasm.$(1); },\n};\nreturn { "a": i };');
});

test('the text of a module is found by its address', () => {
  const segment = (address, text) => [0, 0x41, ...address, 0x0b, text.length, ...Buffer.from(text)];
  const module = (...segments) => {
    const data = [segments.length, ...segments.flat()];
    return Buffer.from([...Buffer.from('\0asm\x01\0\0\0', 'latin1'), 1, 1, 0, 11, data.length, ...data]);
  };
  // 4096, 4500 and -1 as signed numbers of LEB128.
  const [first, second, negative] = [[0x80, 0x20], [0x94, 0x23], [0x7f]];
  const two = module(segment(first, 'titlebody'), segment(second, '0\0\x04'));
  assert.deepEqual(sections(two).map(({ id, size }) => [id, size]), [[1, 1], [11, 25]]);
  assert.equal(two.toString('latin1').substr(4096 + 'title'.length + shiftOfText(two), 4), 'body');
  const below = module(segment(negative, 'title'));
  assert.equal(below.toString('latin1').substr(-1 + shiftOfText(below), 5), 'title');
  assert.throws(() => shiftOfText(module(segment(first, 'title'), segment(second, 'body'))), /more than one/);
  assert.throws(() => shiftOfText(module([1, 2, 0, 0])), /without a constant address/);
  assert.throws(() => shiftOfText(module([0, 0x41, 0x01, 0x41, 0x0b, 0])), /is no constant/);
  assert.throws(() => shiftOfText(Buffer.from('\0asm\x01\0\0\0', 'latin1')), /no data/);
});

test('a glue that has changed is refused', () => {
  assert.throws(() => minified('{}', { imports: [['./t_bg.js', '__wbg_get_1', 'b']], exports: [] }), /has changed/);
});

test('the tests of each runner are counted', () => {
  assert.deepEqual(count('test result: ok. 10 passed; 0 failed; 0 ignored'), [10, 0]);
  assert.deepEqual(count('test result: FAILED. 1 passed; 2 failed; 0 ignored'), [1, 2]);
  assert.deepEqual(count('\x1b[34mℹ pass 7\x1b[39m'), [7, 0]);
  assert.deepEqual(count('# fail 3'), [0, 3]);
  assert.deepEqual(count('nothing'), [0, 0]);
  assert.equal(failedFile('test at tests/e2e/path.test.mjs:50:5'), 'tests/e2e/path.test.mjs');
  assert.equal(failedFile('at the test'), undefined);
});
