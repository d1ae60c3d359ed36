// One browser under random faults, with what must never happen checked after each.
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, within } from '../e2e/lib/wait.mjs';
import { FAULTS, WEIGHTS } from './faults.mjs';
import { World } from './world.mjs';

/** Numbers from 0 to 1 that a seed repeats. @param {number} seed */
export function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** When Chromium has surely written down a new subscription, in milliseconds. */
const WRITTEN = 10_500;

/** How the outbox's server answers. @type {import('../e2e/lib/outbox.mjs').Mood[]} */
const MOODS = ['ok', 'ok', 'ok', 'ok', 'ok', 'error', 'later', 'reset', 'lost', 'hang', 'refused'];

/**
 * @param {{ name: import('../e2e/lib/browsers.mjs').BrowserName, seconds?: number, seed: number, kinds?: string[], log?: (line: string) => void }} options
 *   `seconds`: how long; without it each kind comes once; `kinds`: of faults, all there are by default
 * @returns {Promise<Report>}
 *
 * @typedef {{ name: string, seed: number, seconds: number, faults: Record<string, number>, checks: number, messages: Record<string, number>, entries: Record<string, number>, violations: string[] }} Report
 * `accepted` messages by the push service; `owed`: those that must be shown, the others' lifetime, subscription or permission ended
 */
export async function soak({ name, seconds, seed, kinds = Object.keys(FAULTS), log = () => {} }) {
  const chance = random(seed);
  const pick = (/** @type {any[]} */ list) => list[Math.trunc(chance() * list.length)];
  const world = new World(name, chance, log);
  /** @type {Record<string, number>} */
  const faults = {};
  let [checks, restarts] = [0, 0];
  const began = performance.now();
  try {
    await world.start();
    const { ledger, site } = world;
    site.server.mood = () => pick(MOODS);
    /** A browser that was cut off often waits long before it connects again; a new start does not. */
    const restart = async () => {
      restarts += 1;
      await world.browser.close();
      await world.startBrowser();
      await world.open();
    };
    /** All that must be, now; `patient`: though the browser is not connected. */
    const settle = async (patient = true) => {
      const { connected } = await world.state();
      if (!connected && !patient) return;
      checks += 1;
      await ledger.shown(connected ? 15_000 : 45_000, restart);
      await world.look();
      await ledger.rows(world.id, await world.alive());
    };

    const end = began + (seconds ?? 0) * 1000;
    const todo = [...kinds];
    const bag = todo.flatMap((kind) => Array.from({ length: WEIGHTS[kind] ?? 1 }, () => kind));
    if (seconds) for (let i = todo.length - 1; i > 0; i--) [todo[i], todo[Math.trunc(chance() * (i + 1))]] = [todo[Math.trunc(chance() * (i + 1))], todo[i]];
    for (let round = 1; todo.length > 0 || (seconds && performance.now() < end); round++) {
      await world.queue();
      await world.send();
      const kind = todo.shift() ?? pick(bag);
      faults[kind] = (faults[kind] ?? 0) + 1;
      // Once a subscription is written down, a killed browser has no excuse.
      if (!seconds && kind === 'browser killed') await delay(Math.max(0, WRITTEN - (performance.now() - world.healed)));
      const start = performance.now();
      await within(FAULTS[kind](world), 90_000, kind);
      void world.page?.evaluate('void outbox.flush()').catch(() => {});
      ledger.check();
      await ledger.entries(world.app);
      await settle(Boolean(seconds) && chance() < 0.3);
      log(`${round} ${kind}: ${Math.round(performance.now() - start)} ms`);
      if (ledger.violations.length > 20) break;
    }

    // Calm: everything that is owed comes.
    site.server.mood = () => 'ok';
    await settle();
    await eventually(async () => (await world.app.evaluate('outbox.flush().then(() => outbox.state())')).pending === 0, {
      timeout: 60_000, every: 300, what: 'nothing to wait in the outbox',
    }).catch((error) => ledger.note(error.message));
    await ledger.entries(world.app, { patient: true });
    ledger.check();
    // Of the two that are under way at each stop, in Firefox.
    if (ledger.stopped > 2 + (faults['worker stopped'] ?? 0) / 10) ledger.note(`${ledger.stopped} messages went with stopped workers`);
    const all = [...ledger.messages.values()];
    return {
      name, seed, seconds: Math.round((performance.now() - began) / 1000), faults, checks, violations: ledger.violations,
      messages: {
        asked: all.length, accepted: all.filter(({ accepted }) => accepted).length,
        'taken along by a killed browser or worker': ledger.taken, 'of a worker': ledger.stopped, 'subscriptions that Firefox dropped unsaid': ledger.orphans.size, 'times that it forgot who it is': ledger.forgotten, owed: all.filter(({ accepted, until }) => accepted && until !== undefined).length, shown: ledger.times().size,
      },
      entries: {
        stored: ledger.stored.size, applied: site.server.applied.size, refused: site.server.refused.size,
        'cleared with the storage': ledger.cleared, 'only in memory, as told': ledger.unstored, requests: site.server.requests.length, 'clean restarts': restarts,
      },
    };
  } catch (error) {
    world.log(`${/** @type {Error} */ (error).message}\n${world.browser?.output() ?? ''}`);
    throw error;
  } finally {
    await world.stop();
  }
}
