// The time from the sender's POST until the notification is on the desktop, in Firefox: through the local push service, the
// browser's decryption, the worker, and D-Bus.

import { setTimeout as delay } from 'node:timers/promises';
import webpush from 'web-push';
import { startStage } from '../tests/e2e/lib/app.mjs';
import { contenders, serve, turns } from './contenders.mjs';
import { table } from './lib/markdown.mjs';
import { bars } from './lib/plot.mjs';
import { noise, ratio, spread, summary } from './lib/statistics.mjs';

/** @typedef {import('./contenders.mjs').Contender} Contender */
/** @typedef {Contender & { cold: number[], warm: number[], subscription: any }} Measured milliseconds */

/** Milliseconds in which Firefox makes itself a process ahead, measured: 300 is too short, 1 000 is enough. */
const READY = 1_500;

const HOW = /** @type {const} */ (['cold', 'warm']);

/** @param {{ runs: number, warmUp?: number, few?: string[] }} options */
async function measure({ runs, warmUp = 2, few }) {
  /** @type {Measured[]} */
  const all = (await contenders(few)).map((one) => ({ ...one, cold: [], warm: [], subscription: undefined }));
  const stage = await startStage('firefox', (app) => serve(app, all));
  try {
    await stage.observe();
    for (const one of all) one.subscription = await stage.subscribe(`/w/${one.id}.js`, one.scope);
    const details = { vapidDetails: { subject: 'mailto:bench@example.com', ...stage.service.vapid }, TTL: 60 };
    const once = async (/** @type {Measured} */ one) => {
      // Encrypted before the clock runs: that is the sender's, and the same for all.
      const { endpoint, headers, body } = webpush.generateRequestDetails(one.subscription, one.message(stage.app.origin), details);
      delete (/** @type {any} */ (headers)['Content-Length']);
      const calls = stage.desktop.calls.length;
      const start = performance.now();
      const sent = fetch(endpoint, { method: 'POST', headers: /** @type {any} */ (headers), body });
      const { at } = await stage.desktop.waitFor(() => true, 10_000, { since: calls });
      const { status } = await sent;
      if (status !== 201) throw new Error(`the push service answered ${status} to a push for ${one.what}`);
      await delay(30);
      await stage.clear(one.scope);
      return at - start;
    };
    for (let round = -warmUp; round < runs; round++) {
      for (const one of turns(all, round)) {
        await stage.browser.stopWorkers();
        // Firefox keeps a process ready for whatever comes next. Right after one is used, a push waits for it: 60 ms more.
        await delay(READY);
        const cold = await once(one);
        await once(one);
        const warm = await once(one);
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

/** @type {import('./report.mjs').Section} */
export const firefox = {
  name: 'firefox',
  title: 'A push in Firefox, until its notification is on the desktop',
  runs: 20,
  async make({ runs, smoke }) {
    const all = await measure({ runs, warmUp: smoke ? 0 : 2, few: smoke });
    const [hand, again] = all;
    const rows = all.map((one) => [one.what, ...HOW.flatMap((how) => [spread(one[how]), ratio(one[how], hand[how]).toFixed(2)])]);
    const text = `From the sender's POST, encrypted before, over the local push service to the call of \`Notify\` on D-Bus, in milliseconds: the median of
${runs} (and the quartiles), and how many times that of a worker written by hand. Cold: no service worker has run for ${READY / 1000} seconds,
so Firefox has a process ready for the next one. Warm: the third push to a running worker. Noise: ${HOW.map((how) => `${noise(again[how], hand[how])} ${how}`).join(', ')}.

![Cold and warm, median and quartiles](firefox.svg)

${table(['worker', 'cold, ms', '×', 'warm, ms', '×'], rows)}
`;
    const groups = all.map((one) => ({ name: one.what, values: HOW.map((how) => summary(one[how])) }));
    return { text, plots: { 'firefox.svg': bars({ label: 'Milliseconds from POST to notification in Firefox, cold and warm, by worker', series: [...HOW], groups }) } };
  },
};
