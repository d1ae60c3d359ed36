// The module of the page as the build has made it, with the script that gives it texts.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { transformSync } from 'esbuild';
import { root } from '../lib/run.mjs';

const source = readFileSync(path.join(root, 'crates/npm/js/page/start.ts'), 'utf8');
const { code } = transformSync(source, { loader: 'ts', format: 'cjs' });
const made = { exports: /** @type {any} */ ({}) };
new Function('module', 'exports', code)(made, made.exports);
const wasm = new WebAssembly.Module(readFileSync(path.join(root, 'crates/npm/dist/page.wasm')));
const head = made.exports.start(wasm);

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const KEY = 'BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs';

test('it wants nothing from outside, and gives what the hands call', () => {
  assert.deepEqual(WebAssembly.Module.imports(wasm), []);
  const named = [...readFileSync(path.join(root, 'crates/npm/js/page/head.ts'), 'utf8').matchAll(/^  (\w+)\(.*\): (?:number|boolean|string);$/gm)].map(([, name]) => name);
  assert.ok(named.length >= 12, named.join());
  for (const name of named) assert.equal(typeof head[name], 'function', name);
});

test('texts go in and out', () => {
  assert.equal(head.label(CHROME, false), 'Chrome on Linux');
  assert.equal(head.label('', false), 'Browser on ?');
  assert.ok(!head.needsGesture(CHROME));
  assert.ok(head.needsGesture('Firefox/153.0'));
  // 6 is `webview`, 2 is `no-push`; see CODES in crates/npm/js/page/error.ts.
  assert.equal(head.obstacle(CHROME, 0b011), 2);
  assert.equal(head.obstacle(`${CHROME} Instagram`, 0b011), 6);
  assert.equal(head.obstacle(CHROME, 0b111), -1);
});

test('a text that is too long, or not ASCII, is cut and does no harm', () => {
  assert.equal(head.label(`${'ü€😀'.repeat(2000)}Chrome/`, false), 'Browser on ?');
  assert.equal(head.label(`${'ü'.repeat(20)} Firefox/ Windows`, false), 'Firefox on Windows');
  assert.equal(head.failure(10, 'x'.repeat(10_000), 0, 1), 19);
  assert.equal(head.failure(10, 'AbortError', 0, 1), 15);
});

test('keys are checked, and compared with bytes', () => {
  const bytes = new Uint8Array(Buffer.from(KEY, 'base64url'));
  assert.ok(head.isKey(KEY));
  assert.ok(head.isSameKey(KEY, bytes));
  for (const wrong of ['', `${KEY}=`, KEY.slice(1), `B${KEY}`, 'x'.repeat(5000)]) {
    assert.ok(!head.isKey(wrong), wrong);
    assert.ok(!head.isSameKey(wrong, bytes), wrong);
  }
  bytes[64] ^= 1;
  assert.ok(!head.isSameKey(KEY, bytes));
});
