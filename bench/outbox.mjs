// The outbox beside Workbox's queue: how fast requests are stored, how fast they are sent, and how much memory the worker
// takes while it sends.
//
// Each measurement has a browser, a profile and a server of its own, so that none finds what another left; the two take turns.

import { setTimeout as delay } from 'node:timers/promises';
import { WorkerHeap } from '../tests/e2e/lib/heap.mjs';
import { Device, Server } from '../tests/e2e/lib/outbox.mjs';
import { startPushService } from '../tests/e2e/lib/push-service.mjs';
import { eventually } from '../tests/e2e/lib/wait.mjs';
import { bundled, turns } from './contenders.mjs';
import { table } from './lib/markdown.mjs';
import { bars } from './lib/plot.mjs';
import { median, ratio, spread, summary } from './lib/statistics.mjs';

/** @typedef {import('../tests/e2e/lib/browsers.mjs').BrowserName} BrowserName */
/** @typedef {import('../tests/e2e/lib/browsers.mjs').TestPage} TestPage */

const BODY = 1000;
/** How many requests: for speed, to a server that is away, and for memory. */
const COUNTS = { speed: 1000, away: 200, memory: 3000 };
/** How long the server that is away takes to answer, in milliseconds. */
const AWAY = 20;
const BROWSERS = /** @type {const} */ ({ chromium: 'Chromium', firefox: 'Firefox' });

/** How often the heap is measured, in milliseconds. */
const LOOK = 200;

/** Asks Workbox's worker, which answers when it is done. @param {object} what */
async function ask(what) {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const said = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  active?.postMessage(what, [port2]);
  if ((await said) !== 'done') throw new Error(await said);
}

/** Runs in the page. @param {number} from @param {number} count @param {number} size */
async function fill(from, count, size) {
  const { outbox } = /** @type {any} */ (globalThis);
  for (let n = from; n < from + count; n += 100) {
    await Promise.all(Array.from({ length: Math.min(100, from + count - n) }, (_, i) => outbox.fetch(`/apply/${n + i}`, { method: 'POST', body: 'x'.repeat(size) })));
  }
}

/** Our worker sends as soon as there is something, so the page holds the lock of whoever sends, until it lets go. */
async function hold() {
  await new Promise((held) => void navigator.locks.request('tidings-outbox', () => new Promise((release) => held(Object.assign(globalThis, { release })))));
  await navigator.serviceWorker.register('/sw.js');
  await navigator.serviceWorker.ready;
}

/** `search` is of the page that the app opens; `script` is the app's worker, if it is not ours; `wait` comes before `store`. */
export const QUEUES = [
  {
    what: 'Workbox 7', search: '?bare', script: () => bundled('workers/workbox-queue.js'),
    // It sends when it is told to, and only then.
    wait: async (/** @type {TestPage} */ _page) => {},
    store: (/** @type {TestPage} */ page, /** @type {number} */ from, /** @type {number} */ count) => page.evaluate(ask, { from, count, size: BODY }),
    send: (/** @type {TestPage} */ page) => page.evaluate(ask, {}),
  },
  {
    what: 'Tidings', search: '?plain', script: () => undefined,
    wait: (/** @type {TestPage} */ page) => page.evaluate(hold),
    store: (/** @type {TestPage} */ page, /** @type {number} */ from, /** @type {number} */ count) => page.evaluate(fill, from, count, BODY),
    send: (/** @type {TestPage} */ page) => page.evaluate('release(), outbox.flush()'),
  },
];

/** Measures the worker's heap until it is told to stop. @param {Device} device */
async function watchHeap(device) {
  const heap = await WorkerHeap.watch(device.browser);
  const mB = async () => (await heap.measure()) / 1e6;
  const seen = { before: await mB(), most: 0, after: 0 };
  let running = true;
  const watching = (async () => {
    for (; running; await delay(LOOK)) seen.most = Math.max(seen.most, await mB());
  })();
  return async () => {
    running = false;
    await watching;
    seen.after = await mB();
    await heap.stop();
    return seen;
  };
}

/**
 * @typedef {object} Once
 * @property {number} stored requests in a second
 * @property {number} sent
 * @property {number} [away] sent to a server that is away
 * @property {number} most at once, at the server
 * @property {{ before: number, most: number, after: number }} [heap] in MB
 *
 * @param {{ name: BrowserName, queue: typeof QUEUES[number], count: number, away?: number, service: import('../tests/e2e/lib/push-service.mjs').PushService }} options
 *   `away`: how many to the server that is; without, the heap is looked at, which takes the worker's time
 * @returns {Promise<Once>}
 */
async function once({ name, queue, count, away, service }) {
  const server = new Server();
  server.worker = await queue.script();
  await server.start();
  const device = new Device(name, server);
  try {
    await device.start(service);
    const page = await device.open(queue.search);
    const rate = (/** @type {number} */ count, /** @type {number} */ start) => (count / (performance.now() - start)) * 1000;
    const store = async (/** @type {number} */ from, /** @type {number} */ count) => {
      await queue.wait(page);
      const start = performance.now();
      await queue.store(page, from, count);
      if (server.requests.length > from) throw new Error(`${queue.what} sends before it is told to`);
      return rate(count, start);
    };
    const send = async (/** @type {number} */ from, /** @type {number} */ count) => {
      const start = performance.now();
      // Its answer may come long after this: the server knows what has arrived.
      queue.send(page).catch(() => {});
      await eventually(() => server.applied.size === from + count, { timeout: 300_000, every: 10, what: `all ${count} of ${queue.what} at the server` });
      return rate(count, start);
    };
    const stored = await store(0, count);
    const heap = away ? undefined : await watchHeap(device);
    /** @type {Once} */
    const result = { stored, sent: await send(0, count), most: 0, heap: await heap?.() };
    if (away) {
      await store(count, away);
      server.delay = AWAY;
      result.away = await send(count, away);
    }
    return { ...result, most: server.most };
  } finally {
    await device.stop();
    await server.stop();
  }
}

/** @param {{ runs: number, looks: number, names: BrowserName[], counts: typeof COUNTS }} options `looks`: how often the heap is watched */
async function measure({ runs, looks, names, counts }) {
  const service = await startPushService();
  const all = names.flatMap((name) => QUEUES.map((queue) => ({ name, queue, speed: /** @type {Once[]} */ ([]), memory: /** @type {Once[]} */ ([]) })));
  try {
    for (let round = 0; round < runs; round++) {
      for (const { name, queue, speed } of turns(all, round)) speed.push(await once({ name, queue, count: counts.speed, away: counts.away, service }));
    }
    for (let round = 0; round < looks; round++) {
      for (const { name, queue, memory } of turns(all, round)) {
        // Only Chromium tells of its worker's heap.
        if (name === 'chromium') memory.push(await once({ name, queue, count: counts.memory, service }));
      }
    }
  } finally {
    await service.stop();
  }
  return all;
}

const SPEEDS = /** @type {const} */ (['stored', 'sent', 'away']);
const HEAPS = /** @type {const} */ (['before', 'most', 'after']);

/** @type {import('./report.mjs').Section} */
export const outbox = {
  name: 'outbox',
  title: "The outbox beside Workbox's queue",
  runs: 5,
  async make({ runs, smoke }) {
    const counts = smoke ? { speed: 100, away: 20, memory: 100 } : COUNTS;
    const looks = Math.min(runs, 3);
    const all = await measure({ runs, looks, names: smoke ? ['chromium'] : ['chromium', 'firefox'], counts });
    const of = (/** @type {Once[]} */ list, /** @type {typeof SPEEDS[number]} */ what) => list.map((one) => one[what] ?? NaN);
    const heap = (/** @type {Once[]} */ list, /** @type {typeof HEAPS[number]} */ what) => list.map((one) => one.heap?.[what] ?? NaN);
    const rows = all.map(({ name, queue, speed }) => {
      const base = /** @type {typeof all[number]} */ (all.find((other) => other.name === name)).speed;
      const cells = SPEEDS.flatMap((what) => [spread(of(speed, what)), ratio(of(speed, what), of(base, what)).toFixed(2)]);
      return [`${queue.what}, ${BROWSERS[name]}`, ...cells, median(speed.map(({ most }) => most))];
    });
    const watched = all.filter(({ memory }) => memory.length > 0);
    const text = `Requests a second, the median of ${runs} (and the quartiles), and how many times that of Workbox's queue in the same browser. ${counts.speed}
requests of ${BODY} bytes are stored, a hundred at a time, and then sent to a server on the same machine that answers at once. "Away":
then ${counts.away} more, to a server that takes ${AWAY} ms to answer. "At once": the most requests that the server saw at the same time. All take turns;
each time with a browser, a profile and a server of its own. Our outbox is told what to store by the page, Workbox's queue by its
worker, as each is used.

![Stored, sent and sent to a server that is away, per second, median and quartiles](outbox.svg)

${table(['queue', 'stored', '×', 'sent', '×', 'away', '×', 'at once'], rows)}

Workbox's queue sends one request after the other; ours sends several where nobody asks for an order.

## Memory

What is alive in the worker's JavaScript heap after a collection, in MB, as DevTools of Chromium reports it every ${LOOK} ms: before it sends
${counts.memory} such requests, at most meanwhile, and after it; the median of ${looks} (and the quartiles), in runs of their own.

![Before, at most and after, median and quartiles](outbox-memory.svg)

${table(['queue', ...HEAPS], watched.map(({ queue, memory }) => [queue.what, ...HEAPS.map((what) => spread(heap(memory, what)))]))}
`;
    return {
      text,
      plots: {
        'outbox.svg': bars({
          label: 'Requests stored, sent, and sent to a server that is away, per second, by queue and browser', series: [...SPEEDS],
          groups: all.map(({ name, queue, speed }) => ({ name: `${queue.what}, ${BROWSERS[name]}`, values: SPEEDS.map((what) => summary(of(speed, what))) })),
        }),
        'outbox-memory.svg': bars({
          label: "Megabytes alive in the worker's heap before, at most during and after sending, by queue", series: [...HEAPS],
          groups: watched.map(({ queue, memory }) => ({ name: queue.what, values: HEAPS.map((what) => summary(heap(memory, what))) })),
        }),
      },
    };
  },
};
