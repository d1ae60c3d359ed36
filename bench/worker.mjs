// The time from a push to its notification in Chromium, cold and warm, on this processor and on slower ones.
// `node bench/worker.mjs` prints a table; `--check` fails above "must"; `--runs N` measures N times (30).
//
// Measured from outside of the worker: from DevTools' ServiceWorker.deliverPushMessage to the browser's own
// "Notification displayed". The contenders take turns, so that a slow moment of the machine meets them all, and the
// hand-written worker takes part twice: what sets these two apart is noise.

import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Failure, ifMain } from '../scripts/lib/run.mjs';
import { weigh } from '../scripts/size.mjs';
import { startStage } from '../tests/e2e/lib/app.mjs';
import { contenders, serve, turns } from './contenders.mjs';
import { devtools, sessionOf } from './lib/devtools.mjs';
import { table } from './lib/markdown.mjs';
import { bars } from './lib/plot.mjs';
import { noise, ratio, spread, summary } from './lib/statistics.mjs';
import { Throttle, calibrate } from './lib/throttle.mjs';

/** @typedef {import('./contenders.mjs').Contender} Contender */
/** @typedef {Contender & { times: Map<number, { cold: number[], warm: number[] }> }} Measured milliseconds by how many times slower the processor is */

const HOW = /** @type {const} */ (['cold', 'warm']);
/** Against the hand-written worker; see "Budgets" in the README. */
const MUST = { cold: 1.3, warm: 1.15 };
const AIM = { cold: 1.1, warm: 1.05 };
/** On a slower processor one run takes longer, and a round counts for every so many of the others. */
const EVERY = 2;

/**
 * @param {{ runs?: number, rates?: number[], warmUp?: number, few?: string[] }} [options]
 *   `rates`: how many times slower the processor shall be; `warmUp`: rounds that do not count
 */
export async function measure({ runs = 30, rates = [1], warmUp = 3, few } = {}) {
  /** @type {Measured[]} */
  const all = (await contenders(few)).map((one) => ({ ...one, times: new Map(rates.map((rate) => [rate, { cold: [], warm: [] }])) }));
  const stage = await startStage('chromium', (app) => serve(app, all));
  /** @type {Throttle | undefined} */
  let throttle;
  try {
    const observer = await stage.observe();
    for (const { id, scope } of all) await stage.subscribe(`/w/${id}.js`, scope);
    const tools = await devtools(await sessionOf(observer), stage.app.origin);
    const slower = (throttle = new Throttle(stage.browser.pid));
    const real = await calibrate(slower, rates.filter((rate) => rate > 1), observer);

    const once = async (/** @type {Measured} */ one, /** @type {number} */ rate) => {
      const calls = stage.desktop.calls.length;
      if (rate > 1) await slower.set(rate);
      const ms = await tools.push(one.scope, one.message(stage.app.origin)).finally(() => slower.set(1));
      // The browser says so a moment before it is on the desktop, and cannot close it before it has its number.
      await stage.desktop.waitFor(() => true, 2_000, { since: calls });
      await delay(30);
      await stage.clear(one.scope);
      return ms;
    };
    // The first rounds do not count: the browser compiles, caches and settles.
    for (let round = -warmUp; round < runs; round++) {
      for (const rate of rates) {
        if (rate > 1 && (round < 0 || round % EVERY > 0)) continue;
        for (const one of turns(all, round)) {
          // All of them: V8 compiles no module that another running worker has compiled.
          for (const { scope } of all) await tools.stop(scope);
          const cold = await once(one, rate);
          await once(one, rate); // What the first event has left to do is not the second one's.
          const warm = await once(one, rate);
          if (round < 0) continue;
          one.times.get(rate)?.cold.push(cold);
          one.times.get(rate)?.warm.push(warm);
        }
      }
    }
    return { all, real };
  } finally {
    await throttle?.stop();
    await stage.stop();
  }
}

const timesOf = (/** @type {Measured} */ one, /** @type {number} */ rate) => /** @type {{ cold: number[], warm: number[] }} */ (one.times.get(rate));

/** The rows of a table: median with quartiles and the ratio to the first, cold and warm. @param {Measured[]} all @param {number} rate */
const rows = (all, rate) =>
  all.map((one) => [one.what, ...HOW.flatMap((how) => [spread(timesOf(one, rate)[how]), ratio(timesOf(one, rate)[how], timesOf(all[0], rate)[how]).toFixed(2)])]);

/** @param {Measured[]} all @param {number} rate */
const noises = ([hand, again], rate) => HOW.map((how) => `${noise(timesOf(again, rate)[how], timesOf(hand, rate)[how])} ${how}`).join(', ');

/** @type {import('./report.mjs').Section} */
export const worker = {
  name: 'worker',
  title: 'A push, until its notification is displayed',
  runs: 80,
  async make({ runs, smoke }) {
    const rates = smoke ? [1, 4] : [1, 4, 6];
    const { all, real } = await measure({ runs, rates, warmUp: smoke ? 0 : 3, few: smoke });
    const head = ['worker', 'cold, ms', '×', 'warm, ms', '×'];
    const slow = rates.slice(1).map((rate) => `## A processor ${rate} times slower

Measured: ${real.get(rate)?.toFixed(1)} times. Medians of ${timesOf(all[0], rate).cold.length}; noise: ${noises(all, rate)}.

![Cold and warm, median and quartiles](worker-${rate}x.svg)

${table(head, rows(all, rate))}
`);
    const text = `Chromium; from DevTools' \`ServiceWorker.deliverPushMessage\` to the browser's own "Notification displayed", in milliseconds: the
median of ${runs} (and the quartiles), and how many times that of a worker written by hand. Cold: no service worker runs before it.
Warm: the third push to a running worker. All take turns in one browser, and each gets the same notification in the form that it
understands. The hand-written one takes part twice; what sets the two apart is noise: ${noises(all, 1)}.

![Cold and warm, median and quartiles](worker.svg)

${table(head, rows(all, 1))}

The hand-written worker does what Tidings does on this path, and nothing else. Firebase's opens IndexedDB at each start. Beams has
no tag and no buttons, so its notification is a smaller one. The Rust worker is [an app's own](../../examples/wasm-bindgen/worker), with a
hook and typed data. What each weighs: [bytes](bytes.md).

${slow.join('\n')}
DevTools slows pages only, not workers. Here the whole browser is stopped and continued in turns of 3 ms, so that all its processes
get that part of the time; disk and network are as fast as ever.
`;
    const plots = Object.fromEntries(
      rates.map((rate) => [
        rate === 1 ? 'worker.svg' : `worker-${rate}x.svg`,
        bars({
          label: `Milliseconds from push to notification, cold and warm, by worker${rate > 1 ? `, on a processor ${rate} times slower` : ''}`,
          series: [...HOW],
          groups: all.map((one) => ({ name: one.what, values: HOW.map((how) => summary(timesOf(one, rate)[how])) })),
        }),
      ]),
    );
    return { text, plots };
  },
};

await ifMain(import.meta.url, async () => {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false }, runs: { type: 'string', default: '30' } } });
  const runs = Number(values.runs);
  console.log(`Push to notification displayed in Chromium, ms: median (quartiles) of ${runs}, and the ratio to the hand-written worker.`);
  const { all } = await measure({ runs });
  console.table(
    Object.fromEntries(rows(all, 1).map(([what, cold, coldRatio, warm, warmRatio], index) => [what, { cold, 'cold ×': coldRatio, warm, 'warm ×': warmRatio, ...weigh(Buffer.from(all[index].script)) }])),
  );
  console.log(`Noise: two copies of the same worker differ by ${noises(all, 1)} in this run.`);
  console.log(`Must: cold ${MUST.cold.toFixed(2)} ×, warm ${MUST.warm.toFixed(2)} ×; aim: cold ${AIM.cold.toFixed(2)} ×, warm ${AIM.warm.toFixed(2)} ×.`);
  const times = (/** @type {Measured} */ one, /** @type {'cold' | 'warm'} */ how) => ratio(timesOf(one, 1)[how], timesOf(all[0], 1)[how]);
  const above = all.filter(({ judged }) => judged).flatMap((one) =>
    HOW.filter((how) => times(one, how) > MUST[how]).map((how) => `${one.what} is above "must" ${how}: ${times(one, how).toFixed(2)} ×`),
  );
  if (above.length > 0 && values.check) throw new Failure(above.join('\n'));
  for (const line of above) console.log(line);
});
