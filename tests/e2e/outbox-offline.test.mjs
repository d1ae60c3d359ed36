// Without a network, without a page, without room, without locks: what the outbox does when something is missing.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BROWSERS } from './lib/app.mjs';
import { startOutbox } from './lib/outbox.mjs';
import { eventually } from './lib/wait.mjs';

/** So that Chromium's second try comes while the test still runs; the browser itself waits five minutes. */
const SOON = ['--force-fieldtrials=BackgroundSync/Soon/', '--force-fieldtrial-params=BackgroundSync.Soon:initial_retry_delay_sec/2/min_recovery_time_sec/1'];
/** Firefox: room for all sites together, in kilobytes. */
const SMALL = { 'dom.quotaManager.temporaryStorage.fixedLimit': 10_000 };

for (const name of BROWSERS) {
  describe(`the outbox offline in ${name}`, { timeout: 180_000 }, () => {
    /** @type {Awaited<ReturnType<typeof startOutbox>>} */
    let stage;
    before(async () => {
      stage = await startOutbox(name, name === 'chromium' ? { args: SOON } : {});
    });
    after(() => stage.stop());
    const arrived = (/** @type {string} */ path, timeout = 30_000) =>
      eventually(() => [...stage.server.applied.values()].find((one) => one.path === path), { timeout, what: `${path} at the server` });

    /** The app is used without a network, and closed. */
    const queueOffline = async (/** @type {string[]} */ paths) => {
      const first = await stage.device.open();
      await first.waitFor('navigator.serviceWorker.controller !== null');
      await first.close();
      await stage.server.stop();
      const page = await stage.device.open();
      await page.evaluate((paths) => Promise.all(paths.map((path) => /** @type {any} */ (window).outbox.fetch(path, { method: 'POST', body: 'offline' }))), paths);
      const state = await page.evaluate('outbox.state()');
      assert.equal(state.pending, paths.length);
      await page.close();
      assert.deepEqual(await stage.device.browser.pages(), []);
    };

    test('Chromium delivers by sync once the network is back, with no page open', { skip: name !== 'chromium' && 'Firefox has no background sync' }, async () => {
      await queueOffline(['/apply/away1', '/apply/away2']);
      await delay(500);
      await stage.server.start();
      // No DevTools here: the browser's own retry of the registration that the page has made.
      await arrived('/apply/away1');
      await arrived('/apply/away2');
      assert.deepEqual(await stage.device.browser.pages(), []);
    });

    test('the last chance of a sync registers anew, and nothing is lost', { skip: name !== 'chromium' && 'Firefox has no background sync' }, async () => {
      await queueOffline(['/apply/last']);
      await stage.device.dispatchSync('tidings-outbox', true);
      await stage.server.start();
      const page = await stage.device.open();
      await page.evaluate('outbox.flush()');
      await arrived('/apply/last');
      await page.close();
    });

    test('the next push delivers, with no page open', async () => {
      const { device, service, server } = stage;
      const first = await device.browser.open(`${service.url}/open?url=${encodeURIComponent(`${server.origin}/`)}`);
      await first.waitFor('window.ready === true', 20_000);
      const subscription = await first.evaluate(async (key) => {
        const registration = await navigator.serviceWorker.ready;
        return (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
      }, service.vapid.publicKey);
      await first.close();
      await queueOffline(['/apply/pushed']);
      await device.browser.stopWorkers();
      await server.start();
      assert.ok(!server.requests.some(({ path }) => path === '/apply/pushed') || name === 'chromium');
      assert.equal(await service.send(/** @type {any} */ (subscription), 'a push'), 201);
      await stage.desktop.waitFor((shown) => shown.body.includes('a push'), 10_000);
      await arrived('/apply/pushed');
      assert.deepEqual(await device.browser.pages(), []);
    });

    test('the next visit delivers', async () => {
      await queueOffline(['/apply/visited']);
      await stage.device.browser.stopWorkers();
      await stage.server.start();
      const page = await stage.device.open();
      // As a browser says it when the network is back, for those that were tried in vain just now.
      await page.evaluate('void dispatchEvent(new Event("online"))');
      await arrived('/apply/visited');
      await page.waitFor('outbox.state().then(({ pending }) => pending === 0)');
      await page.close();
    });
  });

  describe(`the outbox in need in ${name}`, { timeout: 120_000 }, () => {
    test('where there are no locks, one replayer at a time all the same', async () => {
      const stage = await startOutbox(name);
      try {
        stage.server.before = `Object.defineProperty(navigator, 'locks', { value: undefined });\n${stage.server.before}`;
        stage.server.delay = 5;
        const [one, two] = [await stage.device.open(), await stage.device.open()];
        await Promise.all([one, two].map((page, tab) => page.evaluate(async (tab) => {
          const { outbox } = /** @type {any} */ (window);
          await Promise.all(Array.from({ length: 40 }, (_, n) => outbox.fetch(`/apply/${tab}-${n}`, { method: 'POST' })));
          await outbox.flush();
        }, tab)));
        // Stopped in the middle, its lease runs out.
        await one.evaluate('void Promise.all(Array.from({ length: 40 }, (_, n) => outbox.fetch(`/apply/2-${n}`, { method: "POST" })))');
        await delay(60);
        await stage.device.browser.stopWorkers();
        await eventually(async () => {
          await one.evaluate('void outbox.flush()');
          return stage.server.applied.size === 120;
        }, { timeout: 40_000, every: 500, what: 'all 120 at the server' });
        assert.equal(stage.server.overlaps, 0);
      } finally {
        await stage.stop();
      }
    });

    test('no more room: a typed error, and what was stored is sent', async () => {
      const stage = await startOutbox(name, name === 'firefox' ? { prefs: SMALL } : {});
      try {
        const page = await stage.device.open();
        await stage.server.stop();
        if (name === 'chromium') {
          const session = await page.puppeteer.createCDPSession();
          await session.send('Storage.overrideQuotaForOrigin', { origin: stage.server.origin, quotaSize: 3_000_000 });
        }
        const seen = await page.evaluate(async () => {
          const { createOutbox } = /** @type {any} */ (window);
          const outbox = createOutbox({ maxBytes: 1e9 });
          const body = crypto.getRandomValues(new Uint8Array(65_536));
          let stored = 0;
          try {
            for (; stored < 400; stored++) await outbox.fetch(`/apply/q${stored}`, { method: 'POST', body: new Blob([body, body, body, body]) });
          } catch (/** @type {any} */ { name, code, cause }) {
            return { stored, name, code, cause: cause?.name, state: await outbox.state() };
          }
          return { stored, state: await outbox.state() };
        });
        console.log(`${name}: ${seen.stored} entries of 256 kB fit, then ${seen.code} (${seen.cause})`);
        assert.deepEqual([seen.name, seen.code, seen.cause], ['OutboxError', 'quota', 'QuotaExceededError']);
        assert.ok(seen.stored > 0);
        assert.deepEqual([seen.state.pending, seen.state.storage], [seen.stored, 'disk'], 'earlier entries are intact');
        await stage.server.start();
        await page.evaluate('outbox.flush()');
        await eventually(() => stage.server.applied.size === seen.stored, { timeout: 30_000, what: 'all that was stored, at the server' });
      } finally {
        await stage.stop();
      }
    });
  });
}
