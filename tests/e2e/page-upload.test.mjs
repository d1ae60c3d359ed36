// What the server could not be told while a page was open, the worker tells it with no page: woken by `sync` in Chromium,
// by the next push in both browsers; and never so that a notification waits for it.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BROWSERS, launch } from './lib/browsers.mjs';
import { startNotifications } from './lib/dbus.mjs';
import { startPushService } from './lib/push-service.mjs';
import { startSite } from './lib/site.mjs';
import { eventually, stays } from './lib/wait.mjs';

/** So that Chromium's second try comes while the test still runs; the browser itself waits five minutes. */
const SOON = ['--force-fieldtrials=BackgroundSync/Soon/', '--force-fieldtrial-params=BackgroundSync.Soon:initial_retry_delay_sec/2/min_recovery_time_sec/1'];

for (const name of BROWSERS) {
  describe(`an upload that cannot be lost in ${name}`, { timeout: 120_000 }, () => {
    /** @type {(() => unknown)[]} */
    const stops = [];
    /** @type {import('./lib/push-service.mjs').PushService} */
    let service;
    /** @type {Awaited<ReturnType<typeof startNotifications>>} */
    let desktop;
    /** @type {import('./lib/browsers.mjs').TestBrowser} */
    let browser;
    /** @type {import('./lib/site.mjs').Site} */
    let site;

    before(async () => {
      service = await startPushService();
      stops.push(() => service.stop());
      desktop = await startNotifications();
      stops.push(() => desktop.stop());
      site = await startSite(service.vapid.publicKey);
      stops.push(() => site.stop());
      browser = await launch(name, {
        wiring: await service.wiring(name), dbusAddress: desktop.address, allow: [site.origin], args: name === 'chromium' ? SOON : [],
      });
      stops.push(() => browser.close());
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });
    afterEach(() => site.clear(browser));

    const open = (/** @type {object} */ options = {}, /** @type {Record<string, string | number>} */ more = {}) => site.open(browser, options, more);
    const subscribed = async () => {
      const page = await open();
      const { value, code } = await page.evaluate('call("subscribe")');
      assert.ok(value?.endpoint, code);
      return { page, subscription: value };
    };
    const noPage = async () => assert.deepEqual(await browser.pages(), []);
    /** The server is away: nobody answers. */
    const away = () => (site.answer = () => 'reset');
    const pushed = async (/** @type {any} */ subscription, /** @type {string} */ title) => {
      assert.equal(await service.send(subscription, { web_push: 8030, notification: { title, navigate: `${site.origin}/` } }), 201);
      return desktop.waitFor(({ summary }) => summary === title, 10_000);
    };

    test('subscribed while the server is away, and closed: Chromium delivers by sync', { skip: name !== 'chromium' && 'Firefox has no background sync' }, async () => {
      site.answer = ({ method }) => (method === 'PUT' ? 'reset' : undefined);
      const page = await open();
      assert.equal((await page.evaluate('call("subscribe")')).code, 'server-unavailable');
      assert.equal((await page.evaluate('push.getState()')).subscription, 'unsaved');
      await page.close();
      await noPage();
      await delay(500);
      assert.equal(site.rows.size, 0);
      site.answer = () => undefined;
      // No DevTools here: the browser's own retry of the registration that the page has made.
      await eventually(() => site.rows.size === 1, { timeout: 30_000, what: 'the subscription at the server' });
      await noPage();
      const [row] = site.rows.values();
      await pushed(row, 'Delivered after all');
      const calls = site.count('PUT');
      const next = await open();
      await eventually(async () => (await next.evaluate('push.getState()')).subscription === 'saved');
      assert.equal(site.count('PUT'), calls, 'the page knows that the server knows');
    });

    test('closed in the middle of the request: told once more, and one row', { skip: name !== 'chromium' && 'Firefox has no background sync' }, async () => {
      let asked = () => {};
      const began = new Promise((resolve) => (asked = () => resolve(undefined)));
      // The page's request alone: the worker may ask as soon as the page is gone.
      site.answer = ({ method }) => (method === 'PUT' && site.count('PUT') === 1 ? (asked(), new Promise(() => {})) : undefined);
      const page = await open();
      await page.evaluate('void call("subscribe")');
      await began;
      await page.close();
      await eventually(() => site.rows.size === 1, { timeout: 30_000, what: 'the subscription at the server' });
      await noPage();
    });

    test('the next push delivers, with no page open, and after its notification', async () => {
      const { page, subscription } = await subscribed();
      const puts = site.count('PUT');
      away();
      assert.equal((await page.evaluate('call("setTags", ["late"])')).code, 'server-unavailable');
      await page.close();
      await browser.stopWorkers();
      const [row] = site.rows.values();
      assert.equal(row.tags, undefined);
      /** When the request came, and when the notification was there. */
      let told = 0;
      // A server that takes its time must not hold up what is shown.
      site.answer = ({ method }) => (method === 'PUT' ? ((told = performance.now()), delay(1000).then(() => undefined)) : undefined);
      const { at } = await pushed(subscription, 'Wakes the worker');
      await eventually(() => [...site.rows.values()][0]?.tags?.[0] === 'late', { timeout: 20_000, what: 'the tags at the server' });
      await noPage();
      assert.ok(name === 'chromium' || told > at, `told at ${told}, shown at ${at}`);
      assert.equal(site.rows.size, 1);
      // And no more than that: the next push finds nothing to tell.
      site.answer = () => undefined;
      await delay(1200);
      const calls = site.count('PUT');
      assert.ok(calls > puts);
      await pushed(subscription, 'Has nothing to tell');
      assert.ok(await stays(() => site.count('PUT') === calls, 700));
      const next = await open();
      await eventually(async () => (await next.evaluate('push.getState()')).subscription === 'saved');
      assert.equal(site.count('PUT'), calls);
    });

    test('an open page hears of it, and a Retry-After is kept by the worker, too', async () => {
      const { page, subscription } = await subscribed();
      site.answer = ({ method }) => (method === 'PUT' ? { status: 503, headers: { 'retry-after': '3600' } } : undefined);
      assert.equal((await page.evaluate('call("setTags", ["later"])')).code, 'server-refused');
      const puts = site.count('PUT');
      await pushed(subscription, 'Too early');
      assert.ok(await stays(() => site.count('PUT') === puts, 700), 'not before the hour is over');
      site.answer = ({ method }) => (method === 'PUT' ? 'reset' : undefined);
      assert.equal((await page.evaluate('call("setTags", ["now"])')).code, 'server-unavailable');
      site.answer = () => undefined;
      await pushed(subscription, 'In time');
      await eventually(async () => (await page.evaluate('push.getState()')).subscription === 'saved', { what: 'the state to follow' });
      assert.deepEqual([...site.rows.values()].map(({ tags }) => tags), [['now']]);
    });

    test('the end of a subscription is told by sync', { skip: name !== 'chromium' && 'Firefox has no background sync' }, async () => {
      const { page } = await subscribed();
      away();
      assert.equal((await page.evaluate('call("unsubscribe")')).code, 'server-unavailable');
      await page.close();
      site.answer = () => undefined;
      await eventually(() => site.rows.size === 0, { timeout: 30_000, what: 'the end at the server' });
      await noPage();
      const told = site.count('DELETE');
      const next = await open();
      await next.evaluate('call("refresh")');
      assert.equal((await next.evaluate('push.getState()')).subscription, 'none');
      assert.equal(site.count('DELETE'), told, 'the page knows that the server knows');
      assert.ok((await next.evaluate('call("subscribe")')).value);
      assert.equal(site.rows.size, 1);
    });

    test('what the server refuses the worker leaves to the next page', async () => {
      const { page, subscription } = await subscribed();
      away();
      assert.equal((await page.evaluate('call("setTags", ["refused"])')).code, 'server-unavailable');
      await page.close();
      let refused = false;
      site.answer = ({ method }) => (method === 'PUT' ? ((refused = true), { status: 401 }) : undefined);
      await pushed(subscription, 'Is refused');
      await eventually(() => refused, { what: 'the worker to be refused' });
      const puts = site.count('PUT');
      await pushed(subscription, 'Does not ask again');
      assert.ok(await stays(() => site.count('PUT') === puts, 700));
      site.answer = () => undefined;
      const next = await open();
      await eventually(() => [...site.rows.values()][0]?.tags?.[0] === 'refused', { what: 'the next page to tell' });
      await eventually(async () => (await next.evaluate('push.getState()')).subscription === 'saved');
    });
  });
}
