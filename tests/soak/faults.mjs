// What goes wrong.
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../e2e/lib/wait.mjs';

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

const DELETE = () => new Promise((resolve) => {
  const request = indexedDB.deleteDatabase('tidings');
  request.onsuccess = () => resolve('deleted');
  request.onerror = () => resolve('failed');
  setTimeout(resolve, 5000, 'blocked');
});

/**
 * When Firefox has surely written down who it is for the push service, in milliseconds: it becomes another one when it subscribes
 * again after its last subscription has ended, and writes preferences half a second later.
 */
const IDENTITY_WRITTEN = 3000;

const HOUR = 3600;
/** Where the clock is put, in seconds from the right time: minutes, hours, past the 24 hours of a VAPID token, days. */
const CLOCKS = [0, 90, -90, 2 * HOUR, -2 * HOUR, 26 * HOUR, -26 * HOUR, 72 * HOUR];

/** @typedef {import('./world.mjs').World} World */

/** Calls `fault` while messages are under way, and waits for what becomes of them. @param {World} world @param {() => Promise<unknown>} fault */
async function amid(world, fault) {
  const sending = Promise.all([world.send(), world.send()]);
  await delay(world.chance() * 40);
  await fault();
  await sending;
}

/** In the order of the short form: those that end a subscription first, those that cut the connection last. @type {Record<string, (world: World) => Promise<unknown>>} */
export const FAULTS = {
  'site data cleared': async (world) => {
    await world.app.evaluate('fetch("/clear").then(() => true)');
    world.ledger.clear();
    world.ledger.forgive();
    await world.heal();
    world.ledger.forgive();
  },
  'permission revoked': async (world) => {
    world.ledger.forgive();
    await world.browser.setPermission(world.site.origin, 'denied');
    await world.send();
    // Accepted or not: nothing can be shown now.
    world.ledger.forgive();
    await delay(300);
    await world.browser.setPermission(world.site.origin, 'granted');
    await world.heal();
  },
  'worker stopped': async (world) => {
    await amid(world, () => world.browser.stopWorkers());
    if (world.name !== 'firefox') return;
    // Firefox acknowledges a message, then hands it to the worker: one in a hundred is gone with it, whoever wrote the worker.
    await eventually(() => world.ledger.missing().length === 0, { timeout: 10_000 }).catch(async () => {
      world.ledger.stopped += world.ledger.take((await world.state()).waiting);
    });
  },
  'page closed': async (world) => {
    await world.page?.close();
    world.page = undefined;
    await world.send();
    await delay(300);
    await world.open();
  },
  'database locked': async (world) => {
    void world.app.evaluate(LOCK, 2500).catch(() => {});
    await delay(50);
    await world.send();
    await world.queue(2);
  },
  'database deleted': async (world) => {
    const how = await world.app.evaluate(DELETE);
    if (how !== 'deleted') world.ledger.note(`the database could not be deleted: ${how}`);
    world.ledger.clear();
    await world.open();
  },
  'server killed': async (world) => {
    await amid(world, () => world.site.killApi());
    await world.site.startApi();
  },
  "server's database locked": async (world) => {
    const start = performance.now();
    const held = await world.site.lock(2000 + world.chance() * 1000);
    const told = world.app.evaluate('push.setTags([`at ${performance.now()}`]).then(() => true, ({ code }) => code)');
    // A push service has each message before the server writes that down.
    const [first, second] = await Promise.all([world.send(), world.send(), told, world.queue(2)]);
    const took = performance.now() - start;
    await held.ended;
    if (!first || !second) world.ledger.note(`a message was not accepted while the server's database was locked`);
    if ((await told) !== true) world.ledger.note(`the server could not be told of the tags once its database was free: ${await told}`);
    if (took < 1900) world.ledger.note(`nobody waited for the server's database: ${Math.round(took)} ms`);
  },
  'clock moved': async (world) => {
    const others = CLOCKS.filter((clock) => clock !== world.clock.offset);
    const to = others[Math.trunc(world.chance() * others.length)] ?? 0;
    await world.queue(2);
    world.clock.set(to);
    const seen = await world.app.evaluate('Date.now()');
    if (Math.abs(seen - world.clock.now()) > 5000) world.ledger.note(`the browser does not see the clock move to ${to} s`);
    await world.queue(2);
    await world.send();
  },
  'push connection dropped': ({ url }) => fetch(`${url}/control/drop-connections`, { method: 'POST' }),
  'push service killed': async (world) => {
    await amid(world, () => world.killService());
    await delay(world.chance() * 1000);
    await world.startService();
    // Only the clock on the wall knows how long it was away.
    world.ledger.forgive(true);
  },
  'network cut': async (world) => {
    const how = world.chance() < 0.5 ? 'refuse' : 'swallow';
    await Promise.all(world.gates.map((gate) => gate[how]()));
    await world.queue();
    await world.send();
    await delay(500 + world.chance() * 1500);
    await Promise.all(world.gates.map((gate) => gate.open()));
  },
  'browser killed': async (world) => {
    // It is back at once when it was cut off: what came meanwhile must be there before the rest is under way.
    if (world.name === 'firefox') await world.ledger.shown(15_000);
    const identity = await world.identity();
    const age = performance.now() - world.healed;
    await amid(world, () => world.browser.kill());
    // Firefox remembers what it has seen before it acknowledges it, and does not look at it again.
    world.ledger.take(world.name === 'firefox' ? new Set() : (await world.state()).waiting);
    await delay(world.chance() * 500);
    if (world.chance() < 0.5) await world.send();
    const { id } = world;
    await world.startBrowser();
    await world.open();
    await world.app.evaluate('push.refresh().catch(() => {})');
    await world.look();
    // Chromium writes a subscription down 10 seconds after it was made: one that is younger is lost, and made anew.
    if (world.id !== id) world.ledger.forgive();
    if ((await world.identity()) === identity) return;
    // Firefox lists a subscription of whom it is no more: nothing comes, and nobody is told.
    world.ledger.forgotten += 1;
    if (age > IDENTITY_WRITTEN) world.ledger.note(`Firefox forgot who it is ${Math.round(age)} ms after it subscribed`);
    await world.app.evaluate('push.unsubscribe().then(() => true)');
    await world.heal();
    world.ledger.forgive();
  },
};

/** How often each comes, when it is not 1. @type {Record<string, number>} */
export const WEIGHTS = { 'worker stopped': 3, 'network cut': 2, 'clock moved': 2, 'browser killed': 2, 'push service killed': 2 };
