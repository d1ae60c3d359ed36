// The soak in short: each fault once, in both browsers at the same time. `npm run soak` for longer; `TIDINGS_SEED` to repeat a run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS } from '../soak/faults.mjs';
import { soak } from '../soak/soak.mjs';
import { BROWSERS } from './lib/app.mjs';

test('random faults', { timeout: 150_000, concurrency: true }, async (t) => {
  const seed = Number(process.env.TIDINGS_SEED ?? Math.trunc(Math.random() * 1e9));
  await Promise.all(BROWSERS.map((name) => t.test(`in ${name}, nothing is shown twice or never, nothing is lost`, async () => {
    /** @type {string[]} */
    const lines = [];
    const report = await soak({ name, seed, log: (line) => void lines.push(line) }).catch((error) => {
      throw new Error(`seed ${seed}: ${error.message}\n${lines.join('\n')}`, { cause: error });
    });
    console.log(`${name}, seed ${seed}, ${report.seconds} s:`, report.messages, report.entries);
    assert.deepEqual(report.violations, [], `seed ${seed}\n${lines.join('\n')}`);
    assert.deepEqual(Object.keys(report.faults), Object.keys(FAULTS));
    assert.ok(report.messages.owed > 10 && report.entries.applied > 10 && report.checks > 5, 'it was put to the test');
  })));
});
