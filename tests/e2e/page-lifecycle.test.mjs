// Subscriptions that do not die silently: tabs, storage, servers and networks that fail, and what the next load does.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BROWSERS, launch } from './lib/browsers.mjs';
import { startNotifications } from './lib/dbus.mjs';
import { startPushService } from './lib/push-service.mjs';
import { startSite } from './lib/site.mjs';
import { eventually } from './lib/wait.mjs';

for (const name of BROWSERS) {
  describe(`the life of a subscription in ${name}`, { timeout: 180_000 }, () => {
    /** @type {(() => unknown)[]} */
    const stops = [];
    /** @type {import('./lib/push-service.mjs').PushService} */
    let service;
    /** @type {import('./lib/browsers.mjs').TestBrowser} */
    let browser;
    /** @type {import('./lib/site.mjs').Site} */
    let site;
    let otherKey = '';

    before(async () => {
      service = await startPushService();
      stops.push(() => service.stop());
      const other = await startPushService();
      otherKey = other.vapid.publicKey;
      await other.stop();
      const desktop = await startNotifications();
      stops.push(() => desktop.stop());
      site = await startSite(service.vapid.publicKey);
      stops.push(() => site.stop());
      browser = await launch(name, { wiring: await service.wiring(name), dbusAddress: desktop.address, allow: [site.origin] });
      stops.push(() => browser.close());
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });
    afterEach(() => site.clear(browser));

    const open = (/** @type {object} */ options = {}, /** @type {Record<string, string | number>} */ more = {}) => site.open(browser, options, more);
    /** A page that is subscribed. */
    const subscribed = async (/** @type {object} */ options = {}, /** @type {Record<string, string | number>} */ more = {}) => {
      const page = await open(options, more);
      const { value, code } = await page.evaluate('call("subscribe")');
      assert.ok(value?.endpoint, code);
      return page;
    };
    const state = (/** @type {import('./lib/browsers.mjs').TestPage} */ page) => page.evaluate('push.getState()');
    const becomes = (/** @type {import('./lib/browsers.mjs').TestPage} */ page, /** @type {string} */ subscription) =>
      eventually(async () => (await state(page)).subscription === subscription, { what: `the state to be ${subscription}` });
    const held = (/** @type {import('./lib/browsers.mjs').TestPage} */ page) =>
      page.evaluate(async () => (await (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription())?.endpoint);
    const onlyRow = () => {
      assert.equal(site.rows.size, 1, JSON.stringify([...site.rows.keys()]));
      return [...site.rows.values()][0];
    };

    test('what the server gets, and that a load with all in order changes nothing', async () => {
      const page = await subscribed({ tags: ['news'], headers: { 'x-app': 'test' } });
      const row = onlyRow();
      assert.match(row.device, /^[0-9a-f-]{36}$/);
      assert.equal(row.label, name === 'firefox' ? 'Firefox on Linux' : 'Chrome on Linux');
      assert.deepEqual([row.tags, row.user, row.replaces], [['news'], undefined, undefined]);
      assert.equal(site.calls.at(-1)?.headers['x-app'], 'test');
      const before = await state(page);
      const { permission, subscription, worker, reason, step } = before;
      assert.deepEqual({ permission, subscription, worker, reason, step }, { permission: 'granted', subscription: 'saved', worker: 'active', reason: undefined, step: undefined });
      await page.evaluate('call("refresh")');
      assert.equal(await page.evaluate('push.getState() === push.getState()'), true, 'the same object as long as nothing changes');
      assert.equal(site.count('PUT'), 1);
      await page.reload();
      await becomes(page, 'saved');
      assert.equal(site.count('PUT'), 1);
    });

    test('two tabs that subscribe at once', async () => {
      const [one, two] = [await open(), await open()];
      const both = await Promise.all([one.evaluate('call("subscribe")'), two.evaluate('call("subscribe")')]);
      assert.ok(both[0].value, JSON.stringify(both));
      assert.deepEqual(both[0].value.endpoint, both[1].value.endpoint);
      assert.equal(onlyRow().endpoint, both[0].value.endpoint);
      assert.equal(site.count('PUT'), 1, 'the second finds it done');
    });

    test('ten tabs that refresh at once, after the key has changed: one hand-over', async () => {
      const page = await subscribed();
      const old = onlyRow();
      const tabs = [page, ...(await Promise.all(Array.from({ length: 9 }, () => open({ auto: false }))))];
      site.key = otherKey;
      await Promise.all(tabs.map((tab) => tab.evaluate('call("refresh")')));
      const row = onlyRow();
      assert.notEqual(row.endpoint, old.endpoint);
      assert.deepEqual(row.replaces, { endpoint: old.endpoint, auth: old.keys.auth });
      assert.equal(row.device, old.device);
      assert.equal(row.endpoint, await held(page));
      assert.equal(site.count('PUT'), 2);
      for (const tab of tabs) assert.equal((await state(tab)).subscription, 'saved');
    });

    test('storage that is cleared between loads', async () => {
      const page = await subscribed();
      const { endpoint } = onlyRow();
      await page.evaluate(() => new Promise((done) => (indexedDB.deleteDatabase('tidings').onsuccess = done)));
      await page.reload();
      await eventually(() => site.count('PUT') === 2, { what: 'the subscription to be adopted and told' });
      await becomes(page, 'saved');
      assert.equal(onlyRow().endpoint, endpoint);
    });

    test('a server that is away: nothing is lost, over a load, and its Retry-After is kept', async () => {
      let away = true;
      site.answer = ({ method }) => (away && method === 'PUT' ? { status: 503, headers: { 'retry-after': '3600' }, body: 'away' } : undefined);
      const page = await open();
      const { code, cause } = await page.evaluate('call("subscribe")');
      assert.deepEqual([code, cause.status, cause.retryAfter], ['server-refused', 503, 3_600_000]);
      assert.deepEqual([(await state(page)).subscription, (await state(page)).step], ['unsaved', 'upload']);
      away = false;
      await page.reload();
      await page.evaluate('call("refresh")');
      await delay(200);
      assert.equal(site.count('PUT'), 1, 'not before the hour is over');
      assert.equal((await state(page)).subscription, 'unsaved');
      // The hour is over.
      await page.evaluate('Date.now = ((now) => () => now() + 3_700_000)(Date.now), call("refresh")');
      assert.equal((await state(page)).subscription, 'saved');
      onlyRow();
    });

    test('a network that is away: told again by itself', async () => {
      let away = true;
      site.answer = async ({ method }) => (away && method === 'PUT' ? { status: 500 } : undefined);
      const page = await open({}, { hurry: 20 });
      assert.equal((await page.evaluate('call("subscribe")')).code, 'server-refused');
      away = false;
      await becomes(page, 'saved');
      onlyRow();
    });

    test('a server that has lost it is told again on load', async () => {
      const page = await subscribed();
      const row = onlyRow();
      site.rows.clear();
      await page.reload();
      await eventually(() => site.rows.size === 1);
      assert.equal(onlyRow().endpoint, row.endpoint);
    });

    test('what the server knows is told again after the interval', async () => {
      const page = await subscribed({ interval: 1 });
      await page.evaluate('call("refresh")');
      assert.equal(site.count('PUT'), 2);
    });

    test('a subscription that is gone is made again in place of the old one', async () => {
      const page = await subscribed();
      const { endpoint } = onlyRow();
      await page.evaluate(async () => (await (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription())?.unsubscribe());
      await page.reload();
      await becomes(page, 'saved');
      await eventually(() => onlyRow().endpoint !== endpoint);
      assert.equal(onlyRow().replaces.endpoint, endpoint);
      assert.equal(onlyRow().endpoint, await held(page));
    });

    test('a registration that is gone is made again', async () => {
      const page = await subscribed();
      await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.unregister());
      await page.reload();
      await becomes(page, 'saved');
      assert.equal(onlyRow().endpoint, await held(page));
    });

    test('an end while the server is away: the browser is free at once, the server told by the next load', async () => {
      const page = await subscribed();
      site.answer = () => ({ status: 503 });
      assert.equal((await page.evaluate('call("unsubscribe")')).code, 'server-refused');
      assert.equal(await held(page), undefined);
      assert.equal((await state(page)).subscription, 'none');
      site.answer = () => undefined;
      await page.evaluate('Date.now = ((now) => () => now() + 3_700_000)(Date.now), call("refresh")');
      assert.equal(site.rows.size, 0);
      await page.reload();
      await page.evaluate('call("refresh")');
      assert.equal(await held(page), undefined, 'a load does not undo it');
    });

    test('an app that uploads by itself', async () => {
      const page = await open({ server: null, applicationServerKey: site.key }, { upload: 1 });
      await page.evaluate('window.refuse = true');
      assert.equal((await page.evaluate('call("subscribe")')).code, 'server-unavailable');
      await page.evaluate('window.refuse = false');
      const { value } = await page.evaluate('call("subscribe")');
      await page.evaluate('call("unsubscribe")');
      const uploads = await page.evaluate('uploads');
      assert.deepEqual(uploads.map(([body, method]) => [body.endpoint, method]), [[value.endpoint, 'PUT'], [value.endpoint, 'PUT'], [value.endpoint, 'DELETE']]);
      assert.equal(site.calls.length, 0);
    });

    test('without locks, in an older browser (the member removed)', async () => {
      const page = await open({}, { before: 'delete Navigator.prototype.locks' });
      const both = await page.evaluate('Promise.all([call("subscribe"), call("subscribe"), call("refresh")])');
      assert.ok(both[0].value && both[1].value, JSON.stringify(both));
      assert.equal(site.count('PUT'), 1);
    });

    test('notifications, the badge, and the app’s own question', async () => {
      const page = await subscribed();
      await page.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready;
        for (const tag of ['a', 'b']) await registration.showNotification(tag, { tag });
      });
      assert.deepEqual(await page.evaluate('push.notifications().then((all) => all.map(({ tag }) => tag).sort())'), ['a', 'b']);
      assert.equal(await page.evaluate('push.closeNotifications("a")'), 1);
      await eventually(async () => (await page.evaluate('push.notifications().then((all) => all.length)')) === 1);
      assert.equal(await page.evaluate('push.closeNotifications()'), 1);
      assert.equal(await page.evaluate('push.setBadge(3).then(() => push.setBadge(0)).then(() => "done")'), 'done');
      assert.equal(await page.evaluate('push.priming()'), 0);
      const days = (await page.evaluate('push.priming(true)')) / 86_400_000 - Date.now() / 86_400_000;
      assert.ok(Math.abs(days - 3) < 0.01, String(days));
      await page.evaluate('call("refresh")');
      assert.ok((await page.evaluate('push.priming()')) > Date.now(), 'it is remembered');
    });
  });
}
