// The worker reads entries as it needs them: what it holds while it sends does not grow with how many wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BROWSERS } from './lib/app.mjs';
import { WorkerHeap } from './lib/heap.mjs';
import { startOutbox } from './lib/outbox.mjs';
import { eventually } from './lib/wait.mjs';

/** Stores so many, one after the other in groups of 20. */
const ADD = async (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ size) => {
  const { outbox } = /** @type {any} */ (window);
  for (let n = from; n < to; n += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => outbox.fetch(`/apply/${n + i}`, { method: 'POST', body: 'x'.repeat(size) })));
  }
};

test('the worker’s memory while it sends does not grow with the number of entries', { timeout: 120_000, skip: !BROWSERS.includes('chromium') && 'DevTools measures it' }, async () => {
  const stage = await startOutbox('chromium');
  const { server, device } = stage;
  try {
    const page = await device.open();
    /** Adds while the worker sends, and then lets it finish; returns what it held at most, and afterwards. */
    const drain = async (/** @type {number} */ from, /** @type {number} */ to) => {
      // Half of it while the network is away, so that there is something to read; the rest while it is being sent.
      await server.stop();
      await page.evaluate(ADD, from, (from + to) / 2, 2000);
      await server.start();
      const heap = await WorkerHeap.watch(device.browser);
      try {
        void page.evaluate('void outbox.flush()');
        const adding = page.evaluate(ADD, (from + to) / 2, to, 2000);
        while (server.applied.size < to) {
          await heap.measure();
          await delay(50);
        }
        await adding;
        await page.waitFor('outbox.state().then(({ pending }) => pending === 0)');
        const most = Math.max(...heap.alive);
        return { most, after: await heap.measure(), times: heap.alive.length };
      } finally {
        await heap.stop();
      }
    };
    // The first time everything is compiled and the WASM started.
    await drain(0, 200);
    const few = await drain(200, 600);
    const many = await drain(600, 3000);
    const kB = (/** @type {number} */ bytes) => Math.round(bytes / 1000);
    console.log(`worker, alive: ${kB(few.most)} kB at most for 400 entries, ${kB(many.most)} kB for 2400 (${many.times} times measured), ${kB(many.after)} kB afterwards`);
    // 2 000 bodies more are 4 MB, and so would be an event or an object for each.
    assert.ok(many.most - few.most < 250_000, `${many.most} after ${few.most}`);
    assert.ok(many.after < few.most + 250_000);
    await eventually(() => server.applied.size === 3000);
    assert.equal(server.requests.length, new Set(server.requests.map(({ key }) => key)).size, 'each was sent once');
  } finally {
    await stage.stop();
  }
});
