// What web-platform-tests check of the raw APIs, checked of the toolkit: push-api/subscribe-with-faulty-applicationServerKey,
// push-api/supported-encodings, the attributes of push-api/idlharness, notifications/shownotification,
// shownotification-without-permission, getnotifications-across-processes, and badging/badge-success and badge-error.
// Rewritten, not copied.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BROWSERS, launch } from '../e2e/lib/browsers.mjs';
import { startNotifications } from '../e2e/lib/dbus.mjs';
import { startPushService } from '../e2e/lib/push-service.mjs';
import { startSite } from '../e2e/lib/site.mjs';

for (const name of BROWSERS) {
  describe(`web-platform-tests against the toolkit in ${name}`, { timeout: 120_000 }, () => {
    /** @type {(() => unknown)[]} */
    const stops = [];
    /** @type {import('../e2e/lib/site.mjs').Site} */
    let site;
    /** @type {import('../e2e/lib/browsers.mjs').TestBrowser} */
    let browser;
    /** @type {import('../e2e/lib/browsers.mjs').TestPage} */
    let page;

    before(async () => {
      const service = await startPushService();
      stops.push(() => service.stop());
      const desktop = await startNotifications();
      stops.push(() => desktop.stop());
      site = await startSite(service.vapid.publicKey);
      stops.push(() => site.stop());
      browser = await launch(name, { wiring: await service.wiring(name), dbusAddress: desktop.address, allow: [site.origin] });
      stops.push(() => browser.close());
      page = await browser.open(site.url());
      await page.waitFor('window.ready');
      assert.ok((await page.evaluate('call("subscribe")')).value);
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });

    /** Shows notifications and gives what the toolkit lists, and closes them. */
    const listed = (/** @type {[string, NotificationOptions?][]} */ shown, /** @type {string | undefined} */ tag) =>
      page.evaluate(
        async (all, tag) => {
          const { push } = /** @type {any} */ (window);
          await push.closeNotifications();
          const registration = await navigator.serviceWorker.ready;
          for (const [title, options] of all) await registration.showNotification(title, options);
          const list = (await push.notifications(tag ?? undefined)).map((/** @type {Notification} */ one) => ({ title: one.title, tag: one.tag, data: one.data }));
          await push.closeNotifications();
          return list;
        },
        shown,
        tag,
      );

    for (const [what, key, names] of [
      ['an empty string', '', ['InvalidAccessError']],
      ['three bytes', 'AQID', ['InvalidAccessError']],
      ['characters outside of base64url', '!@#$^&*', ['InvalidCharacterError']],
    ]) {
      test(`faulty applicationServerKey: ${what}`, async () => {
        const other = await browser.open(site.url({ applicationServerKey: key, server: null, auto: false }));
        await other.waitFor('window.ready');
        const result = await other.evaluate('call("subscribe")');
        assert.deepEqual([result.code, result.name], ['invalid-key', 'PushError']);
        // The browser would have said the same, in its own words.
        const raw = await other.evaluate(
          async (applicationServerKey) =>
            (await navigator.serviceWorker.ready).pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }).then(() => '', (error) => error.name),
          key,
        );
        // Chromium has a name of its own for an empty string.
        assert.ok(names.includes(raw) || key === '', raw);
        await other.close();
      });
    }

    test('a subscription made with another key by somebody else: the browser’s InvalidStateError is the cause', async () => {
      const result = await page.evaluate(async () => {
        const { PushManager } = /** @type {any} */ (window);
        const real = PushManager.prototype.getSubscription;
        PushManager.prototype.getSubscription = async () => null; // it is not seen when looked for
        const { push } = /** @type {any} */ (window);
        await push.unsubscribe();
        PushManager.prototype.subscribe = ((subscribe) => function (/** @type {any} */ options) {
          return subscribe.call(this, { ...options, applicationServerKey: new Uint8Array([4, ...new Array(64).fill(1)]) });
        })(PushManager.prototype.subscribe);
        const outcome = await /** @type {any} */ (window).call('subscribe');
        PushManager.prototype.getSubscription = real;
        return outcome;
      });
      assert.ok(['key-mismatch', 'invalid-key'].includes(result.code), JSON.stringify(result));
      assert.match(result.cause, /^Invalid(State|Access)Error$/);
      await page.reload();
      await page.waitFor('window.ready');
    });

    test('supported encodings: what the toolkit’s server sends is among them', async () => {
      assert.ok((await page.evaluate('[...PushManager.supportedContentEncodings]')).includes('aes128gcm'));
    });

    test('none shown, none listed', async () => assert.deepEqual(await listed([]), []));
    test('an empty title', async () => assert.deepEqual((await listed([['']])).map(({ title }) => title), ['']));
    test('one tag only', async () => {
      assert.deepEqual((await listed([['A', { tag: 'a' }], ['B', { tag: 'b' }]], 'b')).map(({ title }) => title), ['B']);
    });
    test('the same tag replaces', async () => {
      assert.deepEqual((await listed([['1', { tag: 'a' }], ['2', { tag: 'a' }]])).map(({ title }) => title), ['2']);
    });
    test('several', async () => assert.equal((await listed([['1'], ['2'], ['3']])).length, 3));
    test('data of every kind that can be cloned', async () => {
      const data = { text: 'a', list: [1, null, { deep: true }] };
      assert.deepEqual((await listed([['D', { data }]]))[0].data, data);
    });

    test('page and worker see the same list', async () => {
      const seen = await page.evaluate(async () => {
        const { push } = /** @type {any} */ (window);
        await push.closeNotifications();
        const registration = await navigator.serviceWorker.ready;
        await registration.showNotification('of the page', { tag: 'across' });
        const fromPage = (await push.notifications('across')).map((/** @type {Notification} */ one) => one.title);
        // The worker closes by tag what it finds itself.
        registration.active?.postMessage({ tidings: 'retract', what: ['across'] });
        for (let left = 100; left && (await push.notifications('across')).length; left--) await new Promise((done) => setTimeout(done, 50));
        return [fromPage, (await push.notifications()).length];
      });
      assert.deepEqual(seen, [['of the page'], 0]);
    });

    test('the attributes of what the toolkit gives', async () => {
      const seen = await page.evaluate(async () => {
        const subscription = await /** @type {any} */ (window).push.subscription();
        const { endpoint, expirationTime, options } = subscription;
        const json = subscription.toJSON();
        return {
          own: subscription instanceof PushSubscription, url: new URL(endpoint).href === endpoint, expirationTime,
          key: options.applicationServerKey.byteLength, p256dh: subscription.getKey('p256dh').byteLength, auth: subscription.getKey('auth').byteLength,
          json: [json.endpoint === endpoint, Object.keys(json.keys).sort().join()],
          manager: ['subscribe', 'getSubscription', 'permissionState'].map((name) => typeof (/** @type {any} */ (PushManager.prototype)[name])),
        };
      });
      assert.deepEqual(seen, {
        own: true, url: true, expirationTime: null, key: 65, p256dh: 65, auth: 16, json: [true, 'auth,p256dh'], manager: ['function', 'function', 'function'],
      });
    });

    test('the badge: what is no number is refused where there is one, with the browser’s error as the cause', async () => {
      for (const count of [undefined, 0, 1, 5, Number.MAX_SAFE_INTEGER]) {
        assert.equal(await page.evaluate((count) => /** @type {any} */ (window).push.setBadge(count ?? undefined).then(() => 'done'), count), 'done');
      }
      const outcomes = await page.evaluate(() =>
        Promise.all([-1, Number.MAX_SAFE_INTEGER + 1, NaN, Infinity, 'foo'].map((count) => /** @type {any} */ (window).push.setBadge(count).then(() => 'done', (/** @type {any} */ error) => `${error.code} ${error.cause?.name}`))));
      const expected = (await page.evaluate('"setAppBadge" in navigator')) ? 'unknown TypeError' : 'done';
      assert.deepEqual(outcomes, Array(5).fill(expected));
    });

    test('without permission: nothing can be shown, nothing is listed, and the toolkit says so', async () => {
      await browser.setPermission(site.origin, 'denied');
      const error = await page.evaluate(async () => (await navigator.serviceWorker.ready).showNotification('x').then(() => '', (error) => error.name));
      assert.equal(error, 'TypeError');
      assert.deepEqual(await page.evaluate('push.notifications()'), []);
      assert.equal((await page.evaluate('call("subscribe")')).code, 'permission-denied');
    });
  });
}
