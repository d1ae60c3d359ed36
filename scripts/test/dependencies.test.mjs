// The supply chain, as far as it can be checked without the internet; `npm run audit` checks the rest.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { root } from '../lib/run.mjs';
import { badLicences, crateRoots, directCrates, directPackages, runtimePackages } from '../lib/supply.mjs';

const text = (/** @type {string} */ file) => readFileSync(path.join(root, file), 'utf8');

test('docs/dependencies.md names every direct dependency, and no other', () => {
  const cells = text('docs/dependencies.md').matchAll(/^\| (`[^|]+) \|/gm);
  const named = new Set([...cells].flatMap(([, cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name)));
  const used = new Set([...directCrates(), ...directPackages()]);
  const without = (/** @type {Set<string>} */ all, /** @type {Set<string>} */ some) => [...all].filter((one) => !some.has(one));
  assert.deepEqual({ explain: without(used, named), remove: without(named, used) }, { explain: [], remove: [] });
});

test('the npm package brings nothing with it', () => {
  assert.deepEqual(runtimePackages(), []);
});

test('every npm package has a licence that may be used here', () => {
  assert.deepEqual(badLicences(), []);
});

test('no crate has unsafe code, but for the WASM of the npm package', () => {
  const roots = crateRoots();
  assert.ok(roots.length >= 8, roots.join());
  assert.deepEqual(roots.filter((file) => !text(file).includes('#![forbid(unsafe_code)]')), ['crates/npm/src/lib.rs']);
});
