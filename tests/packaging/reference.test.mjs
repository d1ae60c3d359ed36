// The reference of the npm package: everything that is exported is described, and every link in it leads somewhere.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { npmReference } from '../../scripts/reference.mjs';
import { root } from '../../scripts/lib/run.mjs';

test('TypeDoc describes every entry, without a warning', { timeout: 120_000 }, async () => {
  const folder = await npmReference();
  const { exports } = JSON.parse(readFileSync(path.join(root, 'crates/npm/package.json'), 'utf8'));
  const entries = Object.values(/** @type {Record<string, any>} */ (exports)).filter(({ types }) => types);
  assert.equal(readdirSync(path.join(folder, 'modules')).length, entries.length);
  assert.match(readFileSync(path.join(folder, 'functions/index.createPush.html'), 'utf8'), /Web push for this page/);
});
