// The soak in short: each fault about once, in each browser. `npm run soak` for longer; `TIDINGS_SEED` to repeat a run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from '../soak/soak.mjs';
import { BROWSERS } from './lib/app.mjs';

for (const name of BROWSERS) {
  test(`random faults in ${name}: nothing is shown twice or never, nothing is lost`, { timeout: 150_000 }, async () => {
    const seed = Number(process.env.TIDINGS_SEED ?? Math.trunc(Math.random() * 1e9));
    const report = await soak({ name, seconds: 20, seed, log: (line) => console.log(line) });
    console.log(`${name}, seed ${seed}:`, report.faults, report.messages, report.entries);
    assert.deepEqual(report.violations, []);
    assert.ok(Object.keys(report.faults).length >= 5 && report.messages.owed > 0 && report.entries.applied > 0, 'it was put to the test');
  });
}
