import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { encode, inlined } from '../lib/inline.mjs';
import { minified } from '../lib/minify.mjs';
import { count, failedFile } from '../lib/suite.mjs';
import { trimmed } from '../lib/trim.mjs';

/** What a browser would get from the module's source. */
const decode = (source) => new Function(`${source.replace('export default function', 'return function')}`)()();

test('inlined bytes come back as they were', () => {
  const every = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const skewed = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * index) % 256));
  for (const bytes of [Buffer.alloc(0), every, skewed, ...[1, 2, 1000, 30_000].map((length) => randomBytes(length))]) {
    const source = inlined(bytes);
    assert.match(source, /^[\n\x20-\x7e]*$/, 'plain ASCII');
    assert.deepEqual(Buffer.from(decode(source)), bytes);
  }
});

test('bytes are encoded as `tidings worker` does it', () => {
  // crates/cli/src/worker/inline.rs passes the same.
  const cases = JSON.parse(readFileSync(new URL('../../crates/cli/assets/inlined.json', import.meta.url), 'utf8'));
  assert.equal(cases.length, 4);
  for (const { bytes, text, mask } of cases) {
    assert.deepEqual(encode(bytes), { text, mask });
    assert.deepEqual([...decode(inlined(bytes))], bytes);
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
