// Nothing is lost and nothing is applied twice: a server that misbehaves by script, browsers that are killed, workers that
// are stopped, a network that is cut. `TIDINGS_LONG=1` for the whole of it, `TIDINGS_SEED` to repeat a run.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BROWSERS } from './lib/app.mjs';
import { startOutbox } from './lib/outbox.mjs';

const long = process.env.TIDINGS_LONG === '1';
const { entries: ENTRIES, kills: KILLS, stops: STOPS, cuts: CUTS } = long ? { entries: 1000, kills: 20, stops: 50, cuts: 5 } : { entries: 150, kills: 3, stops: 8, cuts: 1 };

/** How the server answers: each mood as often as it stands here. @type {import('./lib/outbox.mjs').Mood[]} */
const MOODS = ['ok', 'ok', 'ok', 'ok', 'error', 'later', 'many', 'reset', 'lost', 'hang', 'refused'];

/** Numbers from 0 to 1 that a seed repeats. */
function random(/** @type {number} */ seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Queues so many entries: requests in a free and in a strict queue, and jobs; returns their ids. */
const ADD = async (/** @type {number} */ from, /** @type {number} */ to) => {
  const { outbox } = /** @type {any} */ (window);
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const entries = await Promise.all(numbers.map((n) =>
    n % 5 === 4 ? outbox.add({ type: 'apply', data: { n }, timeout: 1000 })
    : outbox.fetch(`/apply/${n}`, { method: 'POST', body: `entry ${n}`, timeout: 1000, ...(n % 5 === 3 && { queue: 'strict', strict: true }) })));
  return entries.map(({ id }) => id);
};

for (const name of BROWSERS) {
  describe(`chaos in ${name}`, { timeout: long ? 1_200_000 : 150_000 }, () => {
    test(`${ENTRIES} entries, ${KILLS} kills, ${STOPS} stopped workers, ${CUTS} cuts of the network`, async () => {
      const seed = Number(process.env.TIDINGS_SEED ?? Math.trunc(Math.random() * 1e9));
      const chance = random(seed);
      const start = performance.now();
      const stage = await startOutbox(name);
      const { server, device } = stage;
      try {
        server.mood = () => MOODS[Math.trunc(chance() * MOODS.length)];
        let page = await device.open();
        /** What the page was told is stored. @type {string[]} */
        const stored = [];
        const events = [
          ...Array(KILLS).fill('kill'), ...Array(STOPS).fill('stop'), ...Array(CUTS).fill('cut'),
        ].map((what) => ({ what, at: chance() })).sort((a, b) => a.at - b.at);
        const chunk = Math.ceil(ENTRIES / events.length);
        let next = 0;
        let killed = 0;
        for (const { what } of events) {
          const to = Math.min(next + chunk, ENTRIES);
          // Those whose page dies before it has an answer are queued again: nobody knows of them.
          const adding = page.evaluate(ADD, next, to).then((ids) => {
            stored.push(...ids);
            next = to;
          }, () => {});
          if (what !== 'kill') await adding;
          await delay(chance() * (long ? 1500 : 700));
          if (what === 'stop') await device.browser.stopWorkers();
          if (what === 'cut') {
            await server.stop();
            await delay(500);
            await server.start();
          }
          if (what === 'kill') {
            killed += 1;
            await device.crash();
            await adding;
            page = await device.open();
          }
          void page.evaluate('void outbox.flush()').catch(() => {});
        }
        if (next < ENTRIES) stored.push(...(await page.evaluate(ADD, next, ENTRIES)));

        // Until nothing waits: a person who looks at the app now and then, and wants it sent.
        const end = performance.now() + (long ? 600_000 : 90_000);
        let state;
        do {
          state = await page.evaluate('outbox.flush()');
          await delay(200);
        } while (state.pending > 0 && performance.now() < end);

        /** @type {any[]} */
        const aside = [];
        for (let after = ''; ; after = aside.at(-1).id) {
          const more = await page.evaluate((after) => /** @type {any} */ (window).outbox.entries('failed', { after }), after);
          aside.push(...more);
          if (more.length < 100) break;
        }
        const failed = new Map(aside.map((entry) => [entry.id, entry]));
        const lost = stored.filter((id) => !server.applied.has(id) && !failed.has(id));
        const both = stored.filter((id) => server.applied.has(id) && failed.has(id));
        const repeats = [...server.applied.values()].reduce((sum, one) => sum + one.repeats, 0);
        const moods = Object.fromEntries(MOODS.map((mood) => [mood, server.requests.filter((one) => one.mood === mood).length]));
        console.log(
          `${name}: seed ${seed}, ${stored.length} stored, ${server.applied.size} applied (${repeats} came again after a lost answer), ` +
          `${failed.size} set aside, ${lost.length} lost, ${server.requests.length} requests, ${server.overlaps} at the same time as themselves, ` +
          `${killed} kills, in ${Math.round((performance.now() - start) / 1000)} s`, moods,
        );
        assert.equal(state.pending, 0, 'nothing waits');
        assert.equal(state.storage, 'disk');
        assert.deepEqual(lost, [], 'nothing is lost');
        assert.deepEqual(both, [], 'what was applied is not set aside');
        assert.ok(aside.every(({ id, reason, response }) => reason === 'refused' && response.status === 400 && server.refused.has(id)), 'each with its reason');
        assert.equal(server.overlaps, 0, 'no entry is sent twice at the same time');
        assert.ok(stored.length >= ENTRIES);
      } finally {
        await stage.stop();
      }
    });
  });
}
