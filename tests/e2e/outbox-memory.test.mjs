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

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];

test('the worker’s memory while it sends does not grow with the number of entries', { timeout: 120_000, skip: !BROWSERS.includes('chromium') && 'DevTools measures it' }, async () => {
  const stage = await startOutbox('chromium');
  const { server, device } = stage;
  try {
    const page = await device.open();
    /**
     * Adds while the worker sends, and then lets it finish; returns what it held in the second third of it, in the last,
     * and afterwards. Medians: what is on its way at a moment is up to 200 kB, the more the busier the machine is.
     */
    const drain = async (/** @type {number} */ from, /** @type {number} */ to) => {
      // Half of it while the network is away, so that there is something to read; the rest while it is being sent.
      await server.stop();
      await page.evaluate(ADD, from, (from + to) / 2, 2000);
      await server.start();
      const heap = await WorkerHeap.watch(device.browser);
      try {
        void page.evaluate('void outbox.flush()');
        const adding = page.evaluate(ADD, (from + to) / 2, to, 2000);
        /** @type {number[][]} */
        const thirds = [[], [], []];
        while (server.applied.size < to) {
          const third = Math.floor((3 * Math.max(0, server.applied.size - from)) / (to - from));
          thirds[third].push(await heap.measure());
          await delay(50);
        }
        await adding;
        await page.waitFor('outbox.state().then(({ pending }) => pending === 0)');
        return { second: median(thirds[1]), last: median(thirds[2]), after: await heap.measure(), times: thirds[1].length + thirds[2].length };
      } finally {
        await heap.stop();
      }
    };
    // The first time everything is compiled and the WASM started.
    await drain(0, 200);
    const few = await drain(200, 600);
    const many = await drain(600, 3000);
    const kB = (/** @type {number} */ bytes) => Math.round(bytes / 1000);
    console.log(`worker, alive, of 2400 entries: ${kB(many.second)} kB in the second third, ${kB(many.last)} kB in the last (${many.times} times measured); ${kB(few.after)} kB after 400, ${kB(many.after)} kB after 2400`);
    // Between the middles of the two thirds 800 are sent and no longer wait. Held for each that was sent, or for each that
    // waits, an event (600 bytes) would be 480 kB; a body 1.6 MB.
    assert.ok(Math.abs(many.last - many.second) < 150_000, `${many.last} after ${many.second}`);
    assert.ok(Math.abs(many.after - few.after) < 150_000, `${many.after} after ${few.after}`);
    await eventually(() => server.applied.size === 3000);
    assert.equal(server.requests.length, new Set(server.requests.map(({ key }) => key)).size, 'each was sent once');
  } finally {
    await stage.stop();
  }
});
