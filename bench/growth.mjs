// Whether a push takes longer where much is there already: notifications on the screen, entries in the outbox. Chromium.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PACKAGE, startStage } from '../tests/e2e/lib/app.mjs';
import { contenders, serve } from './contenders.mjs';
import { devtools, sessionOf } from './lib/devtools.mjs';
import { table } from './lib/markdown.mjs';
import { lines } from './lib/plot.mjs';
import { median, spread, summary } from './lib/statistics.mjs';

/** @typedef {Awaited<ReturnType<typeof start>>} World */

async function start() {
  const all = await contenders(['bench0', 'bench2']);
  const stage = await startStage('chromium', (app) => {
    serve(app, all);
    app.add('/tidings/outbox.js', { type: 'text/javascript', body: readFileSync(path.join(PACKAGE, 'outbox.js'), 'utf8') });
  });
  try {
    const observer = await stage.observe();
    for (const { id, scope } of all) await stage.subscribe(`/w/${id}.js`, scope);
    const tools = await devtools(await sessionOf(observer), stage.app.origin);
    /** Cold or warm. @param {import('./contenders.mjs').Contender} one @param {boolean} cold */
    const once = async (one, cold) => {
      if (cold) for (const { scope } of all) await tools.stop(scope);
      const calls = stage.desktop.calls.length;
      const ms = await tools.push(one.scope, one.message(stage.app.origin));
      await stage.desktop.waitFor(() => true, 10_000, { since: calls });
      await delay(30);
      await observer.evaluate(async (scope) => {
        const registration = await navigator.serviceWorker.getRegistration(scope);
        for (const shown of (await registration?.getNotifications({ tag: 'chat-7' })) ?? []) shown.close();
      }, one.scope);
      return ms;
    };
    return { all, stage, observer, once };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}

/** Shows more notifications until there are so many. @param {World} world @param {number} from @param {number} to */
async function show({ all, observer }, from, to) {
  for (const { scope } of all) {
    for (let at = from; at < to; at += 250) {
      await observer.evaluate(async (scope, first, end) => {
        const registration = await navigator.serviceWorker.getRegistration(scope);
        await Promise.all(Array.from({ length: end - first }, (_, i) => registration?.showNotification(`${first + i}`, { tag: `many-${first + i}` })));
      }, scope, at, Math.min(at + 250, to));
    }
  }
}

/** Stores more requests, to be sent in an hour. @param {World} world @param {number} from @param {number} to */
async function store({ observer }, from, to) {
  await observer.evaluate(async (first, end) => {
    const module = '/tidings/outbox.js';
    const { createOutbox } = await import(module);
    const outbox = (/** @type {any} */ (globalThis).outbox ??= createOutbox());
    for (let at = first; at < end; at += 100) {
      await Promise.all(Array.from({ length: Math.min(100, end - at) }, (_, i) => outbox.fetch(`/later/${at + i}`, { method: 'POST', body: 'later', delay: 3_600_000 })));
    }
    const { pending } = await outbox.state();
    if (pending !== end) throw new Error(`${pending} entries, not ${end}`);
  }, from, to);
}

/** @param {{ runs: number, levels: number[], more: typeof show, fits: (id: string) => boolean }} options */
async function measure({ runs, levels, more, fits }) {
  const world = await start();
  const series = world.all.filter(({ id }) => fits(id)).flatMap((one) =>
    [true, false].map((cold) => ({ one, cold, name: `${one.what}, ${cold ? 'cold' : 'warm'}`, points: /** @type {{ x: number, times: number[] }[]} */ ([]) })),
  );
  try {
    let there = 0;
    for (const level of levels) {
      await more(world, there, level);
      there = level;
      await delay(500);
      for (const { points } of series) points.push({ x: level, times: [] });
      for (let round = -1; round < runs; round++) {
        for (const { one, cold, points } of series) {
          const ms = await world.once(one, cold);
          if (round >= 0) points.at(-1)?.times.push(ms);
        }
      }
    }
  } finally {
    await world.stage.stop();
  }
  return series;
}

/** @type {import('./report.mjs').Section} */
export const growth = {
  name: 'growth',
  title: 'A push where much is there already',
  runs: 8,
  async make({ runs, smoke }) {
    const levels = smoke ? [1, 10] : [1, 10, 100, 1000, 10_000];
    const shown = await measure({ runs, levels, more: show, fits: () => true });
    const entries = await measure({ runs, levels, more: store, fits: (id) => id === 'bench2' });
    const rows = (/** @type {typeof shown} */ series) =>
      series.map(({ name, points }) => [name, ...points.map(({ times }) => spread(times)), (median(points.at(-1)?.times ?? []) / median(points[0].times)).toFixed(2)]);
    const head = ['', ...levels.map((level) => `${level}, ms`), 'last ÷ first'];
    const plot = (/** @type {typeof shown} */ series, /** @type {string} */ label) =>
      lines({ label, unit: 'ms', series: series.map(({ name, points }) => ({ name, points: points.map(({ x, times }) => ({ x, ...summary(times) })) })) });
    const text = `Chromium; as in [the worker's report](worker.md), the median of ${runs} (and the quartiles), beside a worker written by hand.

## Notifications on the screen

So many of the same worker's are shown already.

${table(head, rows(shown))}

![Over the number of notifications](growth-notifications.svg)

## Entries in the outbox

So many requests wait there until later.

${table(head, rows(entries))}

![Over the number of entries](growth-outbox.svg)
`;
    return {
      text,
      plots: {
        'growth-notifications.svg': plot(shown, 'Milliseconds from push to notification, over the number of notifications that are shown'),
        'growth-outbox.svg': plot(entries, 'Milliseconds from push to notification, over the number of entries in the outbox'),
      },
    };
  },
};
