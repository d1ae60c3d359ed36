// The outbox beside Workbox's queue, in the same browser and the same run: how fast 10 000 requests are stored, how fast they
// are sent, and how much memory the worker takes while it sends. `npm run bench:outbox -- [entries] [chromium|firefox] [tidings|workbox]`.
//
// Both store batches of 100 at a time and send to the same server, which answers at once. Ours is told what to store by a
// page, Workbox's queue by its worker, as each is used. The memory is what of the worker's JavaScript heap is alive after a
// collection, as DevTools reports it in Chromium: before, when so many were sent, at most, and afterwards.

import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { root } from '../scripts/lib/run.mjs';
import { Device, Server } from '../tests/e2e/lib/outbox.mjs';
import { WorkerHeap } from '../tests/e2e/lib/heap.mjs';
import { startPushService } from '../tests/e2e/lib/push-service.mjs';
import { eventually } from '../tests/e2e/lib/wait.mjs';

const ENTRIES = Number(process.argv[2] ?? 10_000);
const NAMES = process.argv[3] ? [process.argv[3]] : ['chromium', 'firefox'];
const PEERS = process.argv[4] ? [process.argv[4]] : ['tidings', 'workbox'];
const BODY = 1000;

const { outputFiles } = await build({
  stdin: {
    contents: `
      import { Queue } from 'workbox-background-sync';
      self.addEventListener('install', () => self.skipWaiting());
      self.addEventListener('activate', (event) => event.waitUntil(clients.claim()));
      // It replays when it is told to, and only then.
      const queue = new Queue('bench', { onSync: async () => {} });
      const store = async (count, size) => {
        for (let n = 0; n < count; n += 100) {
          await Promise.all(Array.from({ length: Math.min(100, count - n) }, (_, i) =>
            queue.pushRequest({ request: new Request('/apply/' + (n + i), { method: 'POST', body: 'x'.repeat(size), headers: { 'idempotency-key': 'w' + (n + i) } }) })));
        }
      };
      self.onmessage = (event) => event.waitUntil((event.data.store ? store(event.data.store, event.data.size) : queue.replayRequests())
        .then(() => event.ports[0].postMessage('done'), (error) => event.ports[0].postMessage(String(error))));
    `,
    resolveDir: root,
  },
  bundle: true, minify: true, write: false, format: 'iife', define: { 'process.env.NODE_ENV': '"production"' },
});
const WORKBOX = outputFiles[0].text;

const TELL = (/** @type {any} */ message) => navigator.serviceWorker.ready.then(({ active }) => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => resolve(data);
  /** @type {any} */ (active).postMessage(message, [port2]);
}));

/** At how many sent the memory is shown. */
const MARKS = [1000, 5000, 10_000].filter((count) => count <= ENTRIES);

/** Measures the worker's heap until it is told to stop; nothing where there is no DevTools. */
async function watchHeap(/** @type {Device} */ device, /** @type {Server} */ server) {
  if (device.name !== 'chromium') return async () => ({});
  const heap = await WorkerHeap.watch(device.browser);
  const mB = (/** @type {number} */ bytes) => +(bytes / 1e6).toFixed(2);
  /** @type {Record<string, number>} */
  const row = { 'heap before, MB': mB(await heap.measure()) };
  let [most, running] = [0, true];
  const watching = (async () => {
    while (running) {
      const sent = server.applied.size;
      const alive = await heap.measure();
      most = Math.max(most, alive);
      const mark = MARKS.find((count) => sent <= count && sent > count - 500);
      if (mark) row[`at ${mark}`] = mB(alive);
      await delay(200);
    }
  })();
  return async () => {
    running = false;
    await watching;
    row['at most'] = mB(most);
    row.afterwards = mB(await heap.measure());
    await heap.stop();
    return row;
  };
}

/** @type {Record<string, object>} */
const rows = {};
for (const name of /** @type {import('../tests/e2e/lib/browsers.mjs').BrowserName[]} */ (NAMES)) {
  for (const peer of PEERS) {
    const server = new Server();
    if (peer === 'workbox') server.worker = WORKBOX;
    await server.start();
    const service = await startPushService();
    const device = await new Device(name, server).start(service);
    try {
      let page = await device.open(peer === 'tidings' ? '?plain' : '?bare');
      let start = performance.now();
      if (peer === 'tidings') {
        await page.evaluate(async (count, size) => {
          const { outbox } = /** @type {any} */ (window);
          for (let n = 0; n < count; n += 100) {
            await Promise.all(Array.from({ length: Math.min(100, count - n) }, (_, i) => outbox.fetch(`/apply/${n + i}`, { method: 'POST', body: 'x'.repeat(size) })));
          }
        }, ENTRIES, BODY);
      } else {
        const said = await page.evaluate(TELL, { store: ENTRIES, size: BODY });
        if (said !== 'done') throw new Error(said);
      }
      const stored = performance.now() - start;
      if (peer === 'tidings') {
        // The worker comes only now, so that storing and sending do not overlap.
        await page.evaluate('void navigator.serviceWorker.register("/sw.js")');
        await page.waitFor('navigator.serviceWorker.ready.then(() => true)');
      }
      const heap = await watchHeap(device, server);
      start = performance.now();
      void page.evaluate(peer === 'tidings' ? 'void outbox.flush()' : `void (${TELL})({})`).catch(() => {});
      await eventually(() => server.applied.size === ENTRIES, { timeout: 600_000, every: 20, what: `all ${ENTRIES} at the server, now ${server.applied.size}` });
      const sent = performance.now() - start;
      const memory = await heap();
      const rate = (/** @type {number} */ ms) => Math.round((ENTRIES / ms) * 1000);
      rows[`${peer} in ${name}`] = {
        'stored, per second': rate(stored), 'sent, per second': rate(sent), 'sent in s': +(sent / 1000).toFixed(1),
        'most at once': server.most, ...memory,
      };
    } finally {
      await device.stop();
      await service.stop();
      await server.stop();
    }
  }
}
console.log(`${ENTRIES} requests of ${BODY} bytes`);
console.table(rows);
