// The types of the packed package say what they should: tests/types is checked by the compiler.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { bin } from '../lib/paths.mjs';
import { root } from '../lib/run.mjs';

test('the types of the package', () => {
  const { status, stdout } = spawnSync(process.execPath, [bin('tsc', 'typescript'), '-p', join(root, 'tests/types')], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});
