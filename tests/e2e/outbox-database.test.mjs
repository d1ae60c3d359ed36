// The database of the outbox when it is old, held by another tab, damaged, or does not answer.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { BROWSERS } from './lib/app.mjs';
import { Server, startOutbox } from './lib/outbox.mjs';
import { eventually } from './lib/wait.mjs';

/** Makes the database as version 1 had it, with what it held, and keeps it open, deaf to `versionchange`, if `hold`. */
const MAKE_OLD = (/** @type {[key: string, value: any][]} */ records, /** @type {[key: string, value: any][] | undefined} */ entries, /** @type {boolean} */ hold) =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open('tidings', 1);
    request.onupgradeneeded = () => {
      const kv = request.result.createObjectStore('kv');
      for (const [key, value] of records) kv.put(value, key);
      // As an upgrade that the browser has lost half of would leave it.
      const outbox = entries && request.result.createObjectStore('outbox');
      for (const [key, value] of entries ?? []) outbox?.put(value, key);
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      if (hold) /** @type {any} */ (window).held = request.result;
      else request.result.close();
      resolve(null);
    };
  });

/** What the database holds now. */
const LOOK = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open('tidings');
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const { result } = request;
      const all = result.transaction([...result.objectStoreNames]);
      const kv = all.objectStore('kv').getAll();
      const outbox = all.objectStore('outbox').getAllKeys();
      all.oncomplete = () => {
        resolve({ version: result.version, kv: kv.result, outbox: outbox.result });
        result.close();
      };
    };
  });

/** The files of the databases of an origin in a profile. @returns {string[]} */
function databaseFiles(/** @type {string} */ name, /** @type {string} */ profile, /** @type {string} */ origin) {
  const { port } = new URL(origin);
  const folder = name === 'chromium'
    ? path.join(profile, 'profile/Default/IndexedDB', `http_localhost_${port}.indexeddb.leveldb`)
    : path.join(profile, 'profile/storage/default', `http+++localhost+${port}`, 'idb');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((file) => file !== 'LOCK').map((file) => path.join(folder, file)).filter((file) => statSync(file).isFile() && statSync(file).size > 0);
}

for (const name of BROWSERS) {
  describe(`the database of the outbox in ${name}`, { timeout: 150_000 }, () => {
    /** @type {Awaited<ReturnType<typeof startOutbox>>} */
    let stage;
    before(async () => {
      stage = await startOutbox(name);
    });
    after(() => stage.stop());

    /** A site of its own, so that each test has a database of its own. */
    const site = async () => {
      const server = await new Server().start();
      /** @param {string} search */
      const open = async (search) => {
        const page = await stage.device.browser.open(`${server.origin}/${search}`);
        await page.waitFor('window.ready === true', 20_000);
        return page;
      };
      const arrived = (/** @type {string} */ route) =>
        eventually(() => [...server.applied.values()].find((one) => one.path === route), { timeout: 20_000, what: `${route} at the server` });
      return { server, open, arrived };
    };

    test('version 1 becomes the present one, and nothing in it is lost', async () => {
      for (const half of [false, true]) {
        const { server, open, arrived } = await site();
        try {
          const old = await open('?bare&plain');
          const record = { wanted: true, device: 'abc', tags: ['news'], saved: { id: '1', at: 5, endpoint: 'https://push.example/1' } };
          const waiting = {
            id: '11700000000000000-old', queue: 'default', strict: false, at: 1, expires: 9e12, attempts: 0, size: 100,
            request: { url: `${server.origin}/apply/old`, method: 'POST', headers: [], mode: 'cors', credentials: 'same-origin' },
          };
          await old.evaluate(MAKE_OLD, [[`${server.origin}/`, record], ['clicks', [1, 2]]], half ? [['meta', { pending: 1, failed: 0, bytes: 100 }], [`p${waiting.id}`, waiting]] : undefined, false);
          await old.close();
          const page = await open('');
          await page.evaluate('outbox.fetch("/apply/new", { method: "POST" })');
          await arrived('/apply/new');
          if (half) await arrived('/apply/old');
          const seen = await page.evaluate(LOOK);
          assert.equal(seen.version, 2);
          assert.deepEqual(seen.kv, [[1, 2], record], 'what version 1 held is still there');
          assert.equal((await page.evaluate('outbox.state()')).storage, 'disk');
          await page.close();
        } finally {
          await server.stop();
        }
      }
    });

    test('a tab that keeps the old version open: memory does, everything is sent, and the disk takes over once it can', async () => {
      const { server, open, arrived } = await site();
      try {
        const holder = await open('?bare&plain');
        await holder.evaluate(MAKE_OLD, [['kept', { a: 1 }]], undefined, true);
        // The worker is held up, too: page and worker send from memory.
        const page = await open('');
        const start = performance.now();
        const state = await page.evaluate(async () => {
          await /** @type {any} */ (window).outbox.fetch('/apply/held', { method: 'POST', body: 'from memory' });
          return /** @type {any} */ (window).outbox.state();
        });
        assert.equal(state.storage, 'memory');
        assert.ok(performance.now() - start < 7_000, 'within its time-out');
        await arrived('/apply/held');
        await page.waitFor('outbox.state().then(({ pending }) => pending === 0)');

        // Without a network, what waits in memory waits there until there is a disk.
        await server.stop();
        await page.evaluate('outbox.fetch("/apply/later", { method: "POST" })');
        assert.deepEqual(await page.evaluate('outbox.state().then(({ pending, storage }) => [pending, storage])'), [1, 'memory']);
        await holder.close();
        // The next attempt comes 20 s after the last one.
        await page.evaluate('{ const now = performance.now.bind(performance); performance.now = () => now() + 25_000; }');
        await page.waitFor('outbox.state().then(({ storage }) => storage === "disk")');
        assert.equal((await page.evaluate('outbox.state()')).pending, 1);
        const seen = await page.evaluate(LOOK);
        assert.equal(seen.version, 2);
        assert.deepEqual(seen.kv, [{ a: 1 }]);
        assert.equal(seen.outbox.filter((/** @type {string} */ key) => key.startsWith('p')).length, 1, 'it has moved to the disk');
        // As on any disk: the page that queued it need not be there any more.
        await page.close();
        await stage.device.browser.open('about:blank');
        await stage.device.browser.stopWorkers();
        await server.start();
        const next = await open('');
        await next.evaluate('void outbox.flush()');
        await arrived('/apply/later');
        await next.waitFor('outbox.state().then(({ pending, storage }) => pending === 0 && storage === "disk")');
        assert.equal([...server.applied.values()].reduce((sum, { repeats }) => sum + repeats, 0), 0, 'each was sent once');
        await next.close();
      } finally {
        await server.stop();
      }
    });

    test('an open that is never answered is not the last one', async () => {
      const { server, open, arrived } = await site();
      try {
        const page = await open('?bare');
        const state = await page.evaluate(async () => {
          const { open } = IDBFactory.prototype;
          /** @type {any} */ (IDBFactory.prototype).open = () => ({});
          /** @type {any} */ (window).heal = () => (IDBFactory.prototype.open = open);
          const { createOutbox } = await import(/** @type {any} */ ('/tidings/outbox.js?'));
          const outbox = ((/** @type {any} */ (window)).outbox = createOutbox());
          await outbox.fetch('/apply/silent', { method: 'POST' });
          return outbox.state();
        });
        assert.equal(state.storage, 'memory');
        await arrived('/apply/silent');
        await page.evaluate('{ heal(); const now = performance.now.bind(performance); performance.now = () => now() + 25_000; }');
        await page.waitFor('outbox.state().then(({ storage }) => storage === "disk")');
        await page.evaluate('outbox.fetch("/apply/healed", { method: "POST" })');
        await arrived('/apply/healed');
        await page.close();
      } finally {
        await server.stop();
      }
    });

    test('a transaction that is never answered is tried again by another connection', async () => {
      const { server, open, arrived } = await site();
      try {
        const page = await open('?bare');
        // As Firefox leaves the one that begins while the site's data are cleared.
        const { state, closed, ms } = await page.evaluate(async () => {
          const { transaction } = IDBDatabase.prototype;
          let closed = false;
          /** @type {any} */ (IDBDatabase.prototype).transaction = function (/** @type {[any, any, any]} */ ...how) {
            if (how[1] !== 'readwrite') return transaction.apply(this, how);
            IDBDatabase.prototype.transaction = transaction;
            const { close } = this;
            this.close = () => {
              closed = true;
              close.call(this);
            };
            return { objectStore: () => ({ get: () => ({}) }), abort() {} };
          };
          const { createOutbox } = await import(/** @type {any} */ ('/tidings/outbox.js?'));
          const outbox = createOutbox();
          const start = performance.now();
          await outbox.fetch('/apply/unanswered', { method: 'POST' });
          return { ms: performance.now() - start, closed, state: await outbox.state() };
        });
        assert.equal(state.storage, 'disk');
        assert.ok(closed, 'the connection that does not answer is not kept open');
        assert.ok(ms > 9000 && ms < 15_000, `${ms} ms`);
        await arrived('/apply/unanswered');
        await page.close();
      } finally {
        await server.stop();
      }
    });

    test('a damaged database: no call hangs, and what is queued from then on arrives', async () => {
      const { device } = stage;
      for (const [kind, damage] of /** @type {[string, (file: string) => void][]} */ ([
        ['overwritten', (file) => writeFileSync(file, randomBytes(statSync(file).size))],
        ['cut', (file) => truncateSync(file, Math.trunc(statSync(file).size / 2))],
      ])) {
        const { server, open, arrived } = await site();
        try {
          const page = await open('');
          await page.evaluate('outbox.fetch("/apply/whole", { method: "POST" })');
          await arrived('/apply/whole');
          await server.stop();
          await page.evaluate('Promise.all([1, 2, 3].map((n) => outbox.fetch(`/apply/before${n}`, { method: "POST", body: "x".repeat(5000) })))');
          await device.browser.close();
          const files = databaseFiles(name, device.profile, server.origin);
          assert.ok(files.length > 0, 'there are files to damage');
          for (const file of files) damage(file);
          await server.start();
          await device.launch();
          const next = await open('');
          const start = performance.now();
          const seen = await next.evaluate(async (kind) => {
            const { outbox } = /** @type {any} */ (window);
            const come = (/** @type {Promise<any>} */ promise) => promise.then((value) => value.storage ?? 'stored', (error) => `${error.code ?? error.name}`);
            return [await come(outbox.state()), await come(outbox.fetch(`/apply/${kind}`, { method: 'POST' })), await come(outbox.state())];
          }, kind);
          assert.ok(performance.now() - start < 10_000, 'nothing hangs');
          assert.equal(seen[1], 'stored', `${seen}`);
          await arrived(`/apply/${kind}`);
          const state = await next.evaluate('outbox.flush()');
          const kept = [...server.applied.values()].filter((one) => one.path.startsWith('/apply/before')).length;
          console.log(`${name}, ${kind} (${files.length} files): ${seen.join(', ')}; ${kept} of the 3 entries from before arrived, ${state.pending} wait`);
          assert.equal(state.pending, 0, 'what the browser has lost is not counted as waiting');
          await next.close();
        } finally {
          await server.stop();
        }
      }
    });
  });
}
