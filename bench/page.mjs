// In the page, in Chromium: from the import until the state is known, from subscribe() until the server has the subscription,
// and how long the main thread is busy meanwhile; also on slower processors, as DevTools emulates them.

import { startStage } from '../tests/e2e/lib/app.mjs';
import { bundled, contenders, serve, turns } from './contenders.mjs';
import { sessionOf } from './lib/devtools.mjs';
import { table } from './lib/markdown.mjs';
import { bars } from './lib/plot.mjs';
import { spread, summary } from './lib/statistics.mjs';

/** Who has a page that runs without its cloud, and the worker that belongs to it. */
export const PAGES = [
  { what: 'hand-written', file: 'hand-written.js', worker: 'bench0', subscribes: true },
  { what: 'Tidings', file: 'tidings.js', worker: 'bench2', subscribes: true },
  { what: 'Firebase messaging 0.13', file: 'firebase.js', worker: 'bench7', subscribes: false },
  { what: 'Pusher Beams 2.1', file: 'beams.js', worker: 'bench8', subscribes: true },
];
const SCOPE = '/p/';

/** Runs in the page. @param {{ module: string, worker: string, scope: string, subscribes: boolean }} about */
async function visit({ module, worker, scope, subscribes }) {
  let blocked = 0;
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (blocked += duration - 50)));
  observer.observe({ type: 'longtask' });
  const start = performance.now();
  const { state, subscribe } = await import(module);
  const said = await state({ scope, worker });
  const known = performance.now() - start;
  let stored;
  if (subscribes) {
    const before = performance.now();
    await subscribe({ scope, worker });
    stored = performance.now() - before;
  }
  await new Promise((resolve) => setTimeout(resolve, 60));
  return { said, known, stored, blocked };
}

/** @param {{ runs: number, rates: number[], warmUp: number, smoke?: string[] }} options */
async function measure({ runs, rates, warmUp, smoke }) {
  const all = PAGES.filter(({ worker }) => !smoke || smoke.includes(worker)).map((one) => ({
    ...one,
    times: new Map(rates.map((rate) => [rate, { known: /** @type {number[]} */ ([]), stored: /** @type {number[]} */ ([]), busy: /** @type {number[]} */ ([]), blocked: /** @type {number[]} */ ([]) }])),
  }));
  const workers = await contenders(all.map(({ worker }) => worker));
  const scripts = await Promise.all(all.map(({ file }) => bundled(`pages/${file}`, 'esm')));
  /** What the servers were told. */
  let told = 0;
  let publicKey = '';
  const stage = await startStage('chromium', (app) => {
    serve(app, workers);
    app.add(`${SCOPE}*`, { type: 'text/html', body: '<!doctype html><meta charset="utf-8"><title>page</title>' });
    all.forEach(({ file }, index) => app.add(`/pages/${file}`, { type: 'text/javascript', body: scripts[index] }));
    const json = (/** @type {object} */ body) => ({ type: 'application/json', body: JSON.stringify(body) });
    app.add('/api/v1/key', () => json({ publicKey }));
    app.add('/api/v1/subscriptions', () => ((told += 1), json({ id: '1' })));
    app.add('/beams/*', ({ url = '', method }) => {
      if (url.endsWith('/web-vapid-public-key')) return json({ vapidPublicKey: publicKey });
      if (method === 'POST') told += 1;
      return json({ id: 'web-1' });
    });
  });
  try {
    publicKey = stage.service.vapid.publicKey;
    const control = await stage.observe();
    const session = await sessionOf(control);
    for (let round = -warmUp; round < runs; round++) {
      for (const rate of rates) {
        for (const one of turns(all, round)) {
          await session.send('Storage.clearDataForOrigin', { origin: stage.app.origin, storageTypes: 'all' });
          const page = await stage.browser.open(`${stage.app.origin}${SCOPE}page`);
          const its = await sessionOf(page);
          await its.send('Performance.enable');
          const busy = async () => (await its.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
          await its.send('Emulation.setCPUThrottlingRate', { rate });
          const [before, toldBefore] = [await busy(), told];
          const seen = await page.evaluate(visit, { module: `/pages/${one.file}`, worker: `/w/${one.worker}.js`, scope: SCOPE, subscribes: one.subscribes });
          const spent = ((await busy()) - before) * 1000;
          if (one.subscribes && told === toldBefore) throw new Error(`${one.what} told no server of its subscription; it said ${seen.said}`);
          await page.close();
          const times = one.times.get(rate);
          if (round < 0 || !times) continue;
          times.known.push(seen.known);
          if (seen.stored !== undefined) times.stored.push(seen.stored);
          times.busy.push(spent);
          times.blocked.push(seen.blocked);
        }
      }
    }
  } finally {
    await stage.stop();
  }
  return all;
}

/** @type {import('./report.mjs').Section} */
export const page = {
  name: 'page',
  title: 'The page',
  runs: 10,
  async make({ runs, smoke }) {
    const rates = smoke ? [1] : [1, 4, 6];
    const all = await measure({ runs, rates, warmUp: smoke ? 0 : 1, smoke });
    const head = ['page', 'state known, ms', 'stored, ms', 'main thread busy, ms', 'blocked, ms'];
    const parts = rates.map((rate) => {
      const rows = all.map(({ what, times }) => {
        const { known, stored, busy, blocked } = /** @type {any} */ (times.get(rate));
        return [what, spread(known), stored.length > 0 ? spread(stored) : '–', spread(busy), spread(blocked)];
      });
      return `## ${rate === 1 ? 'This processor' : `A main thread ${rate} times slower`}\n\n${table(head, rows)}\n`;
    });
    const text = `Chromium; medians of ${runs} (and the quartiles), in milliseconds, in a new tab of a site without any data, nothing cached; all take turns.
"State known": from the \`import()\` of the bundle until the page knows whether it is subscribed. "Stored": from the call that
subscribes until the server has answered; the permission is there already. "Busy": all tasks of the main thread meanwhile. "Blocked":
what long tasks had above 50 ms. Slower: DevTools' \`Emulation.setCPUThrottlingRate\`, which slows the page's main thread and nothing else.

${parts.join('\n')}
![State known and stored, median and quartiles](page.svg)

Firebase's page can only say whether it could subscribe; to subscribe it needs servers of Google, so that is not measured. Beams'
gets its server's answers from here, as its tests do. It registers its worker before it knows its state. Angular's needs Angular.
`;
    const value = (/** @type {number[]} */ times) => (times.length > 0 ? summary(times) : undefined);
    const groups = all.flatMap(({ what, times }) => rates.map((rate) => {
      const { known, stored } = /** @type {any} */ (times.get(rate));
      return { name: rate === 1 ? what : `${rate} times slower`, values: [value(known), value(stored)] };
    }));
    return { text, plots: { 'page.svg': bars({ label: 'Milliseconds until the state is known, and until the subscription is stored, by page', series: ['state known', 'stored'], groups }) } };
  },
};
