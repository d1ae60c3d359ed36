// One browser under random faults, with what must never happen checked all the time: a message shown twice or never, a second
// row for one subscription, an entry of the outbox that is lost or sent twice at once.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { launch, wiringOf } from '../e2e/lib/browsers.mjs';
import { startNotifications } from '../e2e/lib/dbus.mjs';
import { freePort, remove, runTidings, startTidings, temporaryFolder } from '../e2e/lib/processes.mjs';
import { eventually, within } from '../e2e/lib/wait.mjs';
import { Site } from './site.mjs';

/** Numbers from 0 to 1 that a seed repeats. @param {number} seed */
export function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How the outbox's server answers. @type {import('../e2e/lib/outbox.mjs').Mood[]} */
const MOODS = ['ok', 'ok', 'ok', 'ok', 'ok', 'error', 'later', 'reset', 'lost', 'hang', 'refused'];

/** Keeps both stores of the database busy for so long. */
const LOCK = (/** @type {number} */ ms) => new Promise((resolve) => {
  const request = indexedDB.open('tidings');
  request.onerror = () => resolve(false);
  request.onsuccess = () => {
    const { result } = request;
    const transaction = result.transaction([...result.objectStoreNames], 'readwrite');
    const end = performance.now() + ms;
    const store = transaction.objectStore('kv');
    const again = () => {
      if (performance.now() < end) store.get('x').onsuccess = again;
    };
    again();
    transaction.oncomplete = transaction.onabort = () => {
      result.close();
      resolve(true);
    };
  };
});

/** As a person clears the site's data, but for the worker and its subscription. */
const CLEAR = () => new Promise((resolve) => {
  const request = indexedDB.deleteDatabase('tidings');
  request.onsuccess = () => resolve('cleared');
  request.onerror = () => resolve('failed');
  setTimeout(resolve, 5000, 'blocked');
});

const ADD = (/** @type {number} */ from, /** @type {number} */ count) => {
  const { outbox } = /** @type {any} */ (window);
  return Promise.all(Array.from({ length: count }, (_, i) => outbox.fetch(`/apply/${from + i}`, {
    method: 'POST', body: `entry ${from + i}`, timeout: 2000, ...(i % 3 === 2 && { queue: 'strict', strict: true }),
  }))).then((entries) => entries.map(({ id }) => id));
};

/**
 * @param {{ name: import('../e2e/lib/browsers.mjs').BrowserName, seconds: number, seed: number, log?: (line: string) => void }} options
 * @returns {Promise<Report>}
 *
 * @typedef {{ name: string, seed: number, seconds: number, faults: Record<string, number>, messages: Record<string, number>, entries: Record<string, number>, violations: string[] }} Report
 * `accepted` messages by the push service; `owed`: those that must be shown, the others' lifetime, subscription or permission ended
 */
export async function soak({ name, seconds, seed, log = () => {} }) {
  const chance = random(seed);
  const pick = (/** @type {any[]} */ list) => list[Math.trunc(chance() * list.length)];
  const folder = temporaryFolder(`soak-${name}`);
  /** @type {(() => unknown)[]} */
  const stops = [() => remove(folder)];
  /** @type {string[]} */
  const violations = [];
  /** @type {Record<string, number>} */
  const faults = {};
  try {
    const [port, tlsPort] = [await freePort(), await freePort()];
    const startService = () =>
      startTidings(['push-service', '--address', `127.0.0.1:${port}`, '--tls-address', `127.0.0.1:${tlsPort}`, '--data', path.join(folder, 'push-service')], { ready: /(http:\/\/\S+)\/about/ });
    let service = await startService();
    stops.push(() => service.stop());
    const url = service.ready[1];
    const data = path.join(folder, 'data');
    const site = await new Site().start(url, data);
    stops.push(() => site.stop());
    const desktop = await startNotifications();
    stops.push(() => desktop.stop());
    const wiring = await wiringOf(name, url);
    const prefs = name === 'firefox' ? { 'dom.push.maxQuotaPerSubscription': 100_000 } : {};
    const begin = () => launch(name, { wiring, dbusAddress: desktop.address, profile: path.join(folder, 'browser'), allow: [site.origin], prefs });
    let browser = await begin();
    stops.push(() => browser.close());
    site.server.mood = () => pick(MOODS);

    /** @type {import('../e2e/lib/browsers.mjs').TestPage | undefined} */
    let page;
    /** How the server calls the browser's subscription; empty: there is none. */
    let id = '';
    const open = async () => {
      page = await browser.open(name === 'firefox' ? `${url}/open?url=${encodeURIComponent(`${site.origin}/`)}` : `${site.origin}/`);
      await page.waitFor('window.ready === true', 30_000);
      return page;
    };
    const endpoint = () => /** @type {any} */ (page).evaluate('navigator.serviceWorker.getRegistration().then((one) => one?.pushManager.getSubscription()).then((one) => one?.endpoint ?? "")');
    const idOf = (/** @type {string} */ endpoint) => endpoint && createHash('sha256').update(endpoint).digest('base64url');
    /** The app is opened, is subscribed, and its server and the push service know it. */
    const heal = async () => {
      await page?.close().catch(() => {});
      await open();
      for (let tries = 0; ; tries++) {
        const said = await /** @type {any} */ (page).evaluate('push.subscribe().then(() => "ok", ({ code, cause }) => `${code} ${cause}`)');
        id = idOf(await endpoint());
        const known = id && (await site.api('GET', `/subscriptions/${id}`)).status === 200;
        // A push service that has forgotten everything: Chromium does not hear of it.
        const alive = known && (await (await fetch(`${url}/control/state`)).text()).length > 0 && (await send(0, true));
        if (alive) return;
        if (tries > 5) return void violations.push(`no subscription that works again: ${said}`);
        await /** @type {any} */ (page).evaluate('push.unsubscribe().catch(() => {})');
        await delay(500);
      }
    };

    /** @type {Map<string, { owed: boolean }>} those that the push service has accepted */
    const messages = new Map();
    let numbered = 0;
    /** Sends a message; whether it was accepted. */
    const send = async (ttl = 600, quiet = false) => {
      const title = `m${++numbered}`;
      messages.set(title, { owed: false });
      const { status, body } = await site.api('POST', `/subscriptions/${id}/messages`, { message: { web_push: 8030, notification: { title, navigate: `${site.origin}/` } }, ttl });
      if (status !== 200 && !quiet) log(`${title}: ${status} ${JSON.stringify(body)}`);
      if (status !== 200) messages.delete(title);
      else /** @type {any} */ (messages.get(title)).owed = ttl > 0;
      return status === 200;
    };
    const times = () => {
      /** @type {Map<string, number>} */
      const times = new Map();
      for (const { summary } of desktop.calls) times.set(summary, (times.get(summary) ?? 0) + 1);
      return times;
    };
    const missing = () => {
      const shown = times();
      return [...messages].filter(([title, { owed }]) => owed && !shown.has(title)).map(([title]) => title);
    };
    /** What waits for a subscription that is about to end is nobody's debt. */
    const forgive = () => {
      for (const title of missing()) /** @type {any} */ (messages.get(title)).owed = false;
    };

    /** @type {Set<string>} what the page was told is stored, and nobody has cleared */
    const stored = new Set();
    let [queued, cleared] = [0, 0];
    const queue = async (count = 1 + Math.trunc(chance() * 4)) => {
      const from = queued;
      queued += count;
      const ids = await within(/** @type {any} */ (page).evaluate(ADD, from, count), 20_000, 'the page to queue').catch((error) => {
        log(`not queued: ${error.message}`);
        return [];
      });
      for (const id of ids) stored.add(id);
    };

    /** @type {Set<string>} */
    const told = new Set();
    /** What must not be, now. */
    const check = async (rows = false) => {
      const note = (/** @type {string} */ what) => {
        if (!told.has(what)) log(`✗ ${what}`);
        if (!told.has(what)) violations.push(what);
        told.add(what);
      };
      for (const [title, count] of times()) {
        if (count > 1) note(`${title} was shown ${count} times`);
        if (!messages.has(title)) note(`“${title}” was shown, and nobody has sent it`);
      }
      if (site.server.overlaps) note(`${site.server.overlaps} entries were sent while they were being sent`);
      if (!rows) return;
      const { stdout } = await runTidings(['send', '--all', '--title', 'x', '--dry-run', '--data', data, '--push-service', url]);
      const lines = stdout.split('\n').filter(Boolean);
      if (lines.length !== 1 || !lines[0].includes(id)) note(`rows: ${lines.join(' | ')}; the subscription is ${id}`);
    };

    /** @type {Record<string, () => Promise<unknown>>} */
    const FAULTS = {
      'worker stopped': () => browser.stopWorkers(),
      'browser killed': async () => {
        await browser.kill();
        page = undefined;
        await delay(chance() * 1000);
        if (chance() < 0.5) await send();
        browser = await begin();
        await open();
      },
      'page closed': async () => {
        await page?.close();
        page = undefined;
        await send();
        await delay(500);
        await open();
      },
      'push connection dropped': () => fetch(`${url}/control/drop-connections`, { method: 'POST' }),
      'push service killed': async () => {
        await service.kill();
        forgive();
        await delay(chance() * 1000);
        service = await startService();
        await heal();
      },
      'network cut': async () => {
        await site.cut();
        await fetch(`${url}/control/drop-connections`, { method: 'POST' });
        await queue();
        await delay(500 + chance() * 1500);
        await site.connect();
      },
      'storage cleared': async () => {
        const how = await /** @type {any} */ (page).evaluate(CLEAR);
        if (how !== 'cleared') violations.push(`the database could not be deleted: ${how}`);
        for (const id of stored) {
          if (!site.server.applied.has(id)) {
            stored.delete(id);
            cleared += 1;
          }
        }
        await /** @type {any} */ (page).reload();
        await /** @type {any} */ (page).waitFor('window.ready === true', 20_000);
      },
      'permission revoked': async () => {
        forgive();
        await browser.setPermission(site.origin, 'denied');
        // Accepted or not: nothing can be shown now.
        if (await send(600, true)) forgive();
        await delay(500);
        await browser.setPermission(site.origin, 'granted');
        await heal();
      },
      'database locked': async () => {
        void /** @type {any} */ (page).evaluate(LOCK, 2500).catch(() => {});
        await delay(50);
        await send();
        await queue(2);
      },
    };
    const KINDS = ['worker stopped', 'worker stopped', 'worker stopped', 'browser killed', 'page closed', 'push connection dropped', 'network cut', 'network cut', 'push service killed', 'storage cleared', 'permission revoked', 'database locked', 'database locked'];

    await heal();
    const end = performance.now() + seconds * 1000;
    // Each kind once before any a second time.
    let todo = [...new Set(KINDS)].map((kind) => ({ kind, at: chance() })).sort((a, b) => a.at - b.at).map(({ kind }) => kind);
    for (let round = 0; performance.now() < end; round++) {
      await queue();
      for (let n = 1 + Math.trunc(chance() * 2); n; n--) await send(chance() < 0.15 ? 0 : 600);
      await delay(chance() * 300);
      const kind = todo.shift() ?? pick(KINDS);
      faults[kind] = (faults[kind] ?? 0) + 1;
      try {
        await within(FAULTS[kind](), 90_000, kind);
      } catch (error) {
        violations.push(`${kind}: ${/** @type {Error} */ (error).message}`);
        log(`✗ ${violations.at(-1)}`);
        break;
      }
      // The browser may have ended the subscription, and the worker made another.
      if (page) id = idOf(await endpoint()) || id;
      void page?.evaluate('void outbox.flush()').catch(() => {});
      await check();
      if (round % 20 === 19) log(`${name}: ${round + 1} faults, ${messages.size} messages, ${stored.size} entries, ${violations.length} violations`);
    }

    // Calm: everything that is owed comes.
    site.server.mood = () => 'ok';
    await open();
    id = idOf(await endpoint());
    await eventually(async () => {
      const { pending } = await /** @type {any} */ (page).evaluate('outbox.flush()');
      return pending === 0;
    }, { timeout: 90_000, every: 500, what: 'nothing to wait in the outbox' }).catch((error) => violations.push(error.message));
    await eventually(() => missing().length === 0, { timeout: 45_000, every: 200, what: 'all messages to be shown' }).catch(() => violations.push(`never shown: ${missing().join(', ')}`));
    await delay(1000);
    await check(true);
    /** @type {any[]} */
    const aside = [];
    for (let after = ''; ; after = aside.at(-1).id) {
      const more = await /** @type {any} */ (page).evaluate((after) => /** @type {any} */ (window).outbox.entries('failed', { after }), after);
      aside.push(...more);
      if (more.length < 100) break;
    }
    // Those that a cleared storage had held are gone from the list, too, but their refusal was answered.
    const failed = new Set(aside.map((entry) => entry.id));
    const lost = [...stored].filter((id) => !site.server.applied.has(id) && !failed.has(id) && !(site.server.refused.has(id) && faults['storage cleared']));
    if (lost.length) violations.push(`lost from the outbox: ${lost.join(', ')}`);
    const owed = [...messages.values()].filter((one) => one.owed).length;
    return {
      name, seed, seconds, faults, violations,
      messages: { accepted: messages.size, owed, shown: times().size },
      entries: { stored: stored.size, applied: site.server.applied.size, 'set aside': failed.size, 'cleared by the person': cleared, requests: site.server.requests.length },
    };
  } finally {
    for (const stop of stops.reverse()) await Promise.resolve(stop()).catch(() => {});
  }
}
