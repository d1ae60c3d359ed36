import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { transformSync } from 'esbuild';
import { inlined, unescaped } from '../lib/inline.mjs';
import { minified } from '../lib/minify.mjs';
import { count, failedFile } from '../lib/suite.mjs';
import { trimmed } from '../lib/trim.mjs';

const MAGIC = Buffer.from('\0asm\x01\0\0\0`\n\n', 'latin1');

/** What a browser would get from the module's source; `fromBase64` only where it is new enough. */
const decode = (source, Uint8Array) => new Function('Uint8Array', source.replace('export default', 'return'))(Uint8Array)();

test('inlined bytes come back as they were', () => {
  const every = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const traps = Buffer.from('\0asm\x001`\\${\r\n\x07\x1b\b\\x07\\\n\u2028', 'latin1');
  const newer = { fromBase64: (text) => Buffer.from(text, 'base64') };
  for (const bytes of [Buffer.alloc(0), every, traps, ...[1, 2, 1000, 30_000].map((length) => randomBytes(length))]) {
    assert.deepEqual(Buffer.from(decode(inlined(bytes), Uint8Array)), bytes);
    assert.deepEqual(Buffer.from(decode(inlined(bytes), newer)), bytes);
    for (const charset of ['utf8', 'ascii']) {
      const { code } = transformSync(inlined(Buffer.concat([MAGIC, bytes, MAGIC])), { minify: true, charset, format: 'cjs' });
      for (const script of [code, unescaped(code)]) {
        const module = { exports: {} };
        new Function('module', script)(module);
        assert.deepEqual(Buffer.from(module.exports.default()), Buffer.concat([MAGIC, bytes, MAGIC]));
      }
    }
  }
});

test('names are shortened in the glue where the module has shortened them', () => {
  const glue = 'const i = {\n    __wbg_get_1: function() { wasm.__free(1); },\n};\nreturn { "./t_bg.js": i };';
  const names = { imports: [['./t_bg.js', '__wbg_get_1', 'b']], exports: [['__free', '$'], ['unused', 'c']] };
  assert.equal(minified(glue, names), 'const i = {\n    b: function() { wasm.$(1); },\n};\nreturn { "a": i };');
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

test('a glue that cannot be trimmed is refused', () => {
  assert.throws(() => trimmed('let wasm;'), /has changed/);
});
