// npm run bench:worker: how long a push takes until its notification is displayed, and what the worker weighs, beside a
// worker written by hand, in one run of Chromium. `--check` fails above "must"; `--runs N` measures N times (30).
//
// Measured from outside of the worker: from DevTools' ServiceWorker.deliverPushMessage to the browser's own
// "Notification displayed". The contenders take turns, so that a slow moment of the machine meets them all, and the
// hand-written worker takes part twice: what sets these two apart is noise.

import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Failure, ifMain } from '../scripts/lib/run.mjs';
import { weigh } from '../scripts/size.mjs';
import { startStage } from '../tests/e2e/lib/app.mjs';
import { within } from '../tests/e2e/lib/wait.mjs';
import { NGSW, contenders } from './contenders.mjs';

/** @typedef {import('./contenders.mjs').Contender} Contender */

/** Against the hand-written worker; see "Budgets" in the README. */
const MUST = { cold: 1.3, warm: 1.15 };
const AIM = { cold: 1.1, warm: 1.05 };

/** Drives the service workers of one browser over DevTools. */
async function devtools(/** @type {import('../tests/e2e/lib/app.mjs').Stage} */ stage) {
  const session = await /** @type {import('../tests/e2e/lib/browsers.mjs').TestPage} */ (stage.observer).puppeteer.createCDPSession();
  /** @type {Map<string, { registrationId: string, versionId: string, runningStatus: string }>} */
  const versions = new Map();
  /** @type {Map<string, string>} scope by registration */
  const scopes = new Map();
  /** @type {Set<() => void>} */
  const watchers = new Set();
  const changed = () => watchers.forEach((watcher) => watcher());
  session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    for (const { registrationId, scopeURL } of registrations) scopes.set(registrationId, new URL(scopeURL).pathname);
    changed();
  });
  session.on('ServiceWorker.workerVersionUpdated', ({ versions: all }) => {
    for (const version of all) versions.set(version.versionId, version);
    changed();
  });
  let displayed = (/** @type {string} */ _registration) => {};
  session.on('BackgroundService.backgroundServiceEventReceived', ({ backgroundServiceEvent: event }) => {
    if (event.eventName === 'Notification displayed') displayed(event.serviceWorkerRegistrationId);
  });
  await session.send('ServiceWorker.enable');
  await session.send('BackgroundService.startObserving', { service: 'notifications' });
  await session.send('BackgroundService.setRecording', { service: 'notifications', shouldRecord: true });

  const until = (/** @type {() => any} */ found, /** @type {string} */ what) =>
    within(
      new Promise((resolve) => {
        const watcher = () => {
          const it = found();
          if (!it) return;
          watchers.delete(watcher);
          resolve(it);
        };
        watchers.add(watcher);
        watcher();
      }),
      10_000,
      what,
    );
  const registrationOf = (/** @type {string} */ scope) => [...scopes].find(([, path]) => path === scope)?.[0];
  const versionOf = (/** @type {string} */ id) => [...versions.values()].findLast(({ registrationId }) => registrationId === id);
  return {
    /** @param {string} scope */
    async stop(scope) {
      const id = await until(() => registrationOf(scope), `the registration of ${scope}`);
      const version = versionOf(id);
      if (version?.runningStatus === 'stopped') return;
      await session.send('ServiceWorker.stopWorker', { versionId: /** @type {any} */ (version).versionId });
      await until(() => versionOf(id)?.runningStatus === 'stopped', `${scope} to stop`);
    },
    /** Pushes, and gives the milliseconds until the notification is displayed. @param {string} scope @param {string} data */
    async push(scope, data) {
      const registrationId = await until(() => registrationOf(scope), `the registration of ${scope}`);
      const shown = new Promise((resolve) => {
        displayed = (id) => id === registrationId && resolve(performance.now());
      });
      const start = performance.now();
      void session.send('ServiceWorker.deliverPushMessage', { origin: stage.app.origin, registrationId, data });
      return /** @type {number} */ (await within(shown, 10_000, `the notification of ${scope}`)) - start;
    },
  };
}

const sorted = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b);
export const quantile = (/** @type {number[]} */ values, /** @type {number} */ q) => {
  const all = sorted(values);
  const at = (all.length - 1) * q;
  const low = Math.floor(at);
  return all[low] + (all[Math.ceil(at)] - all[low]) * (at - low);
};
export const median = (/** @type {number[]} */ values) => quantile(values, 0.5);
export const spread = (/** @type {number[]} */ values) => `${median(values).toFixed(1)} (${quantile(values, 0.25).toFixed(1)}–${quantile(values, 0.75).toFixed(1)})`;

/** How many times the other's time one takes. */
export const ratio = (/** @type {Contender} */ one, /** @type {Contender} */ other, /** @type {'cold' | 'warm'} */ how) => median(one[how]) / median(other[how]);
/** By how much two copies of the same worker differ, in percent. */
export const noise = (/** @type {Contender[]} */ [hand, again], /** @type {'cold' | 'warm'} */ how) => `${(Math.abs(ratio(again, hand, how) - 1) * 100).toFixed(0)} % ${how}`;

/** Measures, and gives the contenders with their times. */
export async function measure(runs = 30) {
  const all = await contenders();
  const stage = await startStage('chromium', (app) => {
    for (const { id, script } of all) app.addWorker(id, [script]);
    // Angular's worker unregisters itself without its configuration.
    app.add('/w/ngsw.json', { type: 'application/json', body: JSON.stringify(NGSW) });
  });
  try {
    await stage.observe();
    for (const { id } of all) await stage.subscribe(`/w/${id}.js`, `/${id}/`);
    const tools = await devtools(stage);
    // Three rounds do not count: the browser compiles, caches and settles.
    for (let round = -3; round < runs; round++) {
      for (let turn = 0; turn < all.length; turn++) {
        const one = all[(turn + Math.max(round, 0)) % all.length];
        const scope = `/${one.id}/`;
        const once = async () => {
          const calls = stage.desktop.calls.length;
          const ms = await tools.push(scope, one.message);
          // The browser says so a moment before it is on the desktop, and cannot close it before it has its number.
          await stage.desktop.waitFor(() => true, 2_000, { since: calls });
          await delay(30);
          await stage.clear(scope);
          return ms;
        };
        // All of them: V8 compiles no module that another running worker has compiled.
        for (const { id } of all) await tools.stop(`/${id}/`);
        const cold = await once();
        await once(); // What the first event has left to do is not the second one's.
        const warm = await once();
        if (round < 0) continue;
        one.cold.push(cold);
        one.warm.push(warm);
      }
    }
  } finally {
    await stage.stop();
  }
  return all;
}

await ifMain(import.meta.url, async () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false }, runs: { type: 'string', default: '30' } } });
  const runs = Number(values.runs);
  console.log(`Push to notification displayed in Chromium, ms: median (quartiles) of ${runs}, and the ratio to the hand-written worker.`);
  const all = await measure(runs);
  const [hand] = all;
  console.table(
    Object.fromEntries(
      all.map((one) => [
        one.what,
        { cold: spread(one.cold), 'cold ×': ratio(one, hand, 'cold').toFixed(2), warm: spread(one.warm), 'warm ×': ratio(one, hand, 'warm').toFixed(2), ...weigh(Buffer.from(one.script)) },
      ]),
    ),
  );
  console.log(`Noise: two copies of the same worker differ by ${noise(all, 'cold')} and ${noise(all, 'warm')} in this run.`);
  console.log(`Must: cold ${MUST.cold.toFixed(2)} ×, warm ${MUST.warm.toFixed(2)} ×; aim: cold ${AIM.cold.toFixed(2)} ×, warm ${AIM.warm.toFixed(2)} ×.`);
  const above = all.filter(({ judged }) => judged).flatMap((one) =>
    /** @type {const} */ (['cold', 'warm']).filter((how) => ratio(one, hand, how) > MUST[how]).map((how) => `${one.what} is above "must" ${how}: ${ratio(one, hand, how).toFixed(2)} ×`),
  );
  if (above.length > 0 && values.check) throw new Failure(above.join('\n'));
  for (const line of above) console.log(line);
});
