// npm run soak: both browsers at once under random faults. `npm run soak -- --minutes 10 --seed 7 --browser chromium`,
// with some kinds of faults only: `--fault "worker stopped" --fault "network cut"`.

import { parseArgs } from 'node:util';
import { Failure, ifMain } from './lib/run.mjs';
import { environment, setup } from './setup.mjs';

await ifMain(import.meta.url, async () => {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' }, browser: { type: 'string' }, fault: { type: 'string', multiple: true } } });
  await setup({ for: 'test' });
  const { build } = await import('./build.mjs');
  await build();
  Object.assign(process.env, environment());
  const { BROWSERS } = await import('../tests/e2e/lib/browsers.mjs');
  const { soak } = await import('../tests/soak/soak.mjs');
  const { FAULTS } = await import('../tests/soak/faults.mjs');
  for (const kind of values.fault ?? []) if (!FAULTS[kind]) throw new Failure(`no fault is called ${kind}; there are ${Object.keys(FAULTS).join(', ')}`);
  const seed = Number(values.seed ?? Math.trunc(Math.random() * 1e9));
  const names = BROWSERS.filter((name) => (values.browser ?? name) === name);
  if (names.length === 0) throw new Failure(`no browser is called ${values.browser}; there are ${BROWSERS.join(', ')}`);
  console.log(`seed ${seed}; faults like these again with --seed ${seed}`);
  const reports = await Promise.all(names.map((name) => soak({ name, seconds: Number(values.minutes) * 60, seed, kinds: values.fault, log: (line) => console.log(`${name}: ${line}`) })));
  for (const { name, faults, checks, messages, entries, violations } of reports) {
    console.log(`\n${name}: ${Object.values(faults).reduce((sum, count) => sum + count, 0)} faults, ${checks} full checks, ${violations.length} violations`);
    console.table({ ...faults });
    console.table({ ...messages, ...entries });
    for (const violation of violations) console.log(`✗ ${violation}`);
  }
  if (reports.some(({ violations }) => violations.length > 0)) throw new Failure('what must never happen has happened; see above');
});
