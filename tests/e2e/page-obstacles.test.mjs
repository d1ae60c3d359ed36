// Whatever hinders push has a code and leaves a true state. In real browsers, as far as it can be made real.
//
// Faked, and said so in the tests' names:
// - iOS, iPadOS and in-app browsers: there are none here.
// - An old browser without service workers or push: Firefox's are switched off by their real preferences besides.
// - Which of two tabs asks: both at once cannot be in front. What a person answers to the browser's question is real, but in
//   page-permission.test.mjs: these browsers have no windows.
// - IndexedDB that is blocked: browsers block it together with service workers.
//
// Real: permissions that are granted, blocked and reset; the missing gesture in Firefox; private and incognito windows;
// preferences and settings that switch it off; the question that Chromium answers by itself; insecure pages and foreign frames;
// workers, servers and push services that fail, hang or end.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { BROWSERS, launch, TestPage } from './lib/browsers.mjs';
import { startNotifications } from './lib/dbus.mjs';
import { startPushService } from './lib/push-service.mjs';
import { startSite } from './lib/site.mjs';
import { eventually, stays } from './lib/wait.mjs';

for (const name of BROWSERS) {
  describe(`obstacles in ${name}`, { timeout: 180_000 }, () => {
    /** @type {(() => unknown)[]} */
    const stops = [];
    /** @type {import('./lib/push-service.mjs').PushService} */
    let service;
    /** @type {import('./lib/browsers.mjs').TestBrowser} */
    let browser;
    /** @type {import('./lib/site.mjs').Site} */
    let site;
    /** A site of another origin. @type {import('./lib/site.mjs').Site} */
    let other;

    before(async () => {
      service = await startPushService();
      stops.push(() => service.stop());
      const desktop = await startNotifications();
      stops.push(() => desktop.stop());
      site = await startSite(service.vapid.publicKey);
      other = await startSite(service.vapid.publicKey);
      stops.push(() => site.stop(), () => other.stop());
      browser = await launch(name, {
        wiring: await service.wiring(name), dbusAddress: desktop.address, allow: [site.origin],
        // A name of this machine that is no secure context.
        args: name === 'chromium' ? ['--host-resolver-rules=MAP insecure.test 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost'] : [],
        prefs: name === 'firefox' ? { 'network.dns.localDomains': 'insecure.test', 'dom.security.https_first': false, 'network.proxy.no_proxies_on': 'insecure.test', 'dom.push.requestTimeout': 1000 } : {},
      });
      stops.push(() => browser.close());
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });
    afterEach(async () => {
      // Each test starts with nothing registered, nothing remembered, and an empty server.
      for (const page of await browser.pages()) await page.close();
      const page = await open({}, { before: 'navigator.locks = undefined' });
      await page.evaluate(async () => {
        // One that never gets on would be waited for.
        for (const one of await navigator.serviceWorker.getRegistrations()) if (one.active) await one.unregister();
        await new Promise((done) => Object.assign(indexedDB.deleteDatabase('tidings'), { onsuccess: done, onerror: done, onblocked: done }));
      });
      await page.close();
      site.reset();
    });

    const open = (/** @type {object} */ options = {}, /** @type {Record<string, string | number>} */ more = {}, origin = site.origin) =>
      site.open(browser, options, more, origin);
    /** Presses the button that subscribes; what came of it. */
    const subscribe = async (/** @type {import('./lib/browsers.mjs').TestPage} */ page) => {
      await page.click('#go');
      return JSON.parse(await page.waitFor('window.result && JSON.stringify(window.result)', 20_000));
    };
    const state = (/** @type {import('./lib/browsers.mjs').TestPage} */ page) => page.evaluate('push.getState()');
    const environment = (/** @type {import('./lib/browsers.mjs').TestPage} */ page) => page.evaluate('environment()');
    const registrations = (/** @type {import('./lib/browsers.mjs').TestPage} */ page) =>
      page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);

    test('nothing: the features are told, and nobody is asked', async () => {
      const page = await open();
      const here = await environment(page);
      assert.equal(here.supported, true);
      assert.equal('obstacle' in here, false);
      assert.equal(here.needsGesture, name === 'firefox');
      assert.equal(here.sync, name === 'chromium');
      await eventually(async () => (await state(page)).subscription === 'none');
      const { permission, subscription, worker, persisted } = await state(page);
      assert.deepEqual({ permission, subscription, worker, persisted }, { permission: 'granted', subscription: 'none', worker: 'none', persisted: true });
      assert.equal(site.calls.length, 0, 'a visitor who never subscribed costs the server nothing');
    });

    test('a page that is not secure', async () => {
      const page = await open({}, {}, `http://insecure.test:${site.port}`);
      assert.deepEqual([(await environment(page)).obstacle, (await state(page)).reason], ['insecure-context', 'insecure-context']);
      assert.equal((await page.evaluate('call("subscribe")')).code, 'insecure-context');
      assert.deepEqual(await page.evaluate('call("subscription")'), { value: null });
      assert.deepEqual(await page.evaluate('call("unsubscribe")'), { value: false });
    });

    test('a frame in another site’s page', async () => {
      const page = await browser.open(`${other.origin}/frame?${site.url()}`);
      const frame = await eventually(async () => page.puppeteer.frames().find((frame) => frame.url().startsWith(site.origin)));
      await eventually(() => frame.evaluate('window.ready'));
      assert.equal((await frame.evaluate('environment()')).obstacle, 'in-iframe');
      assert.equal((await frame.evaluate('call("subscribe")')).code, 'in-iframe');
    });

    test('no service workers (the member removed)', async () => {
      const page = await open({}, { before: 'delete Navigator.prototype.serviceWorker' });
      const expected = name === 'firefox' ? 'private-mode' : 'no-service-worker';
      assert.equal((await environment(page)).obstacle, expected);
      assert.equal((await page.evaluate('call("subscribe")')).code, expected);
    });

    test('no push (the global removed)', async () => {
      const page = await open({}, { before: 'delete window.PushManager' });
      assert.deepEqual([(await environment(page)).obstacle, (await state(page)).reason], ['no-push', 'no-push']);
    });

    test('iOS, iPadOS and in-app browsers (faked user agents and globals)', async () => {
      const fake = (/** @type {string} */ agent) =>
        `Object.defineProperty(navigator, 'userAgent', { value: ${JSON.stringify(agent)} }); delete window.PushManager;`;
      for (const [agent, obstacle] of [
        ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile Safari/604.1', 'needs-install'],
        ['Mozilla/5.0 (Linux; Android 15; wv) Chrome/156.0.0.0 Mobile Safari/537.36', 'webview'],
      ]) {
        const page = await open({}, { before: fake(agent) });
        assert.equal((await environment(page)).obstacle, obstacle);
        await page.close();
      }
    });

    test('WebAssembly that is blocked (the global broken)', async () => {
      const page = await open({}, { before: 'WebAssembly.Module = function () { throw new Error("blocked"); }' });
      assert.equal((await environment(page)).obstacle, 'wasm-unavailable');
      assert.equal((await page.evaluate('call("subscribe")')).code, 'wasm-unavailable');
    });

    test('a permission that is blocked, and given again', async () => {
      await browser.setPermission(site.origin, 'denied');
      const page = await open();
      assert.equal((await subscribe(page)).code, 'permission-denied');
      await eventually(async () => (await state(page)).reason === 'permission-denied');
      assert.equal(await registrations(page), 0, 'nothing was registered');
      await browser.setPermission(site.origin, 'granted');
      await eventually(async () => (await state(page)).permission === 'granted', { what: 'the state to follow by itself' });
      assert.equal((await state(page)).reason, undefined);
    });

    // Chromium asks at any time.
    if (name === 'firefox') test('no gesture where the browser wants one: nothing is asked', async () => {
      await browser.setPermission(site.origin, 'default');
      const page = await open({}, { now: 'subscribe' });
      assert.equal((await page.evaluate('result')).code, 'needs-gesture');
      assert.equal(await page.evaluate('Notification.permission'), 'default');
      await browser.setPermission(site.origin, 'granted');
    });

    test('one question at a time in all tabs (faked answers)', async () => {
      await browser.setPermission(site.origin, 'default');
      const before = `
        Object.defineProperty(Notification, 'permission', { get: () => localStorage.permission ?? 'default' });
        Notification.requestPermission = () => {
          localStorage.asked = 1 + Number(localStorage.asked ?? 0);
          return new Promise((done) => setInterval(() => localStorage.permission && done(localStorage.permission), 20));
        };`;
      const [one, two] = [await open({ auto: false }, { before }), await open({ auto: false }, { before })];
      const asked = () => two.evaluate('Number(localStorage.asked)');
      try {
        const first = one.evaluate('call("subscribe")');
        await eventually(async () => (await asked()) === 1);
        const second = two.evaluate('call("subscribe")');
        assert.ok(await stays(async () => (await asked()) === 1, 500), 'the second tab waits');
        await two.evaluate('localStorage.permission = "denied"');
        assert.deepEqual((await Promise.all([first, second])).map(({ code }) => code), ['permission-denied', 'permission-denied']);
        assert.equal(await asked(), 1);

        // A question in a tab that the person has left keeps nobody from asking.
        await two.evaluate('localStorage.removeItem("permission")');
        const left = one.evaluate('call("subscribe")');
        await eventually(async () => (await asked()) === 2);
        await one.evaluate('void document.dispatchEvent(new Event("visibilitychange"))');
        const other = two.evaluate('call("subscribe")');
        await eventually(async () => (await asked()) === 3, { what: 'the other tab to ask' });
        await two.evaluate('localStorage.permission = "denied"');
        await Promise.all([left, other]);
      } finally {
        await two.evaluate('localStorage.clear()');
        await browser.setPermission(site.origin, 'granted');
      }
    });

    test('a key that is wrong in eight ways, before anything is asked or registered', async () => {
      const { key } = site;
      const keys = ['', 'BA1H', '!@#$^&*', key.slice(0, 86), `C${key.slice(1)}`, `${key}=`, `${key.slice(0, 40)}+${key.slice(41)}`, `${key}A`];
      for (const applicationServerKey of keys) {
        const page = await open({ applicationServerKey, server: null, auto: false });
        assert.equal((await subscribe(page)).code, 'invalid-key', applicationServerKey);
        assert.equal(await registrations(page), 0);
        await page.close();
      }
      const none = await open({ server: null });
      assert.equal((await subscribe(none)).code, 'invalid-key');
    });

    test('a server that tells no key', async () => {
      site.answer = ({ path }) => (path.startsWith('/key') ? { body: { publicKey: 'nonsense' } } : undefined);
      const page = await open();
      assert.deepEqual(await subscribe(page), { code: 'invalid-key', cause: 'nonsense', name: 'PushError' });
      site.answer = () => ({ status: 500, body: 'broken' });
      const { code, cause } = await subscribe(page);
      assert.deepEqual([code, cause.status, JSON.parse(cause.text)], ['server-refused', 500, 'broken']);
      assert.equal((await state(page)).step, 'ask');
      assert.equal(await registrations(page), 0);
    });

    test('a worker that cannot be had', async () => {
      for (const [worker, code, step, scope] of [
        ['/missing.js', 'worker-failed', 'register'], ['/throws.js', 'worker-failed', 'register'], ['/page.js', 'worker-failed', 'register'],
        ['/fails.js', 'worker-failed', 'activate'], ['/never.js', 'worker-timeout', 'activate', '/never/'],
      ]) {
        const page = await open({ worker, scope }, { hurry: 20 });
        const result = await subscribe(page);
        assert.equal(result.code, code, `${worker}: ${JSON.stringify(result)}`);
        if (step === 'register') assert.match(result.cause, /Error$/, 'the browser’s own error is kept');
        assert.equal((await state(page)).step, step);
        assert.equal((await state(page)).reason, code);
        await page.close();
      }
    });

    test('storage that is blocked: it works, and says that it will not last', async () => {
      for (const before of [
        'Object.defineProperty(window, "indexedDB", { value: undefined })',
        // Nothing ever answers.
        'IDBFactory.prototype.open = () => ({})',
      ]) {
        const page = await open({}, { before, hurry: 10 });
        const result = await subscribe(page);
        assert.ok(result.value?.endpoint, JSON.stringify(result));
        const { subscription, persisted } = await state(page);
        assert.deepEqual({ subscription, persisted }, { subscription: 'saved', persisted: false });
        assert.equal(site.rows.size, 1);
        assert.equal((await page.evaluate('call("unsubscribe")')).value, true);
        assert.equal(site.rows.size, 0);
        await page.close();
      }
    });

    test('a push service that is hanging, then away, then back', async () => {
      const page = await open({}, { hurry: 20 });
      process.kill(service.process.pid, 'SIGSTOP');
      try {
        const { code } = await subscribe(page);
        assert.equal(code, 'push-service-unavailable');
        assert.deepEqual([(await state(page)).step, (await state(page)).reason], ['subscribe', 'push-service-unavailable']);
      } finally {
        process.kill(service.process.pid, 'SIGCONT');
      }
      // It was wanted: the next load goes on, without asking anybody.
      await page.close();
      const next = await open();
      await eventually(async () => (await state(next)).subscription === 'saved', { timeout: 20_000, what: 'the next load to subscribe' });
      assert.equal(site.rows.size, 1);
    });

    test('a push service whose process has ended, and one that is there again', async () => {
      const page = await open({}, { hurry: 20 });
      await service.process.kill();
      try {
        const { code } = await subscribe(page);
        assert.equal(code, 'push-service-unavailable');
        assert.deepEqual([(await state(page)).step, (await state(page)).reason], ['subscribe', 'push-service-unavailable']);
        assert.equal(site.rows.size, 0);
      } finally {
        service = await startPushService([], service.about);
        stops.push(() => service.stop());
      }
      // It was wanted: a load goes on, without asking anybody, once the browser has found the service again. Chromium takes
      // half a minute for that.
      if (name === 'chromium' && !process.env.TIDINGS_LONG) return;
      await eventually(async () => {
        await page.reload();
        await page.evaluate('call("refresh")');
        return (await state(page)).subscription === 'saved';
      }, { timeout: 30_000, every: 500, what: 'a load to subscribe' });
      assert.equal(site.rows.size, 1);
    });
  });

  describe(`a browser that has it switched off: ${name}`, { timeout: 120_000 }, () => {
    /** Opens a page in a browser of its own, set up so. */
    const within = async (/** @type {Partial<import('./lib/browsers.mjs').LaunchOptions>} */ options, /** @type {(page: import('./lib/browsers.mjs').TestPage, site: import('./lib/site.mjs').Site) => Promise<void>} */ check, { incognito = false } = {}) => {
      const service = await startPushService();
      const site = await startSite(service.vapid.publicKey);
      /** @type {import('./lib/browsers.mjs').TestBrowser | undefined} */
      let browser;
      try {
        browser = await launch(name, { wiring: await service.wiring(name), ...options });
        const context = incognito ? await browser.puppeteer.createBrowserContext() : undefined;
        const page = context ? new TestPage(await context.newPage()) : await browser.open('about:blank');
        await page.goto(site.url());
        await page.waitFor('window.ready');
        await check(page, site);
      } finally {
        await browser?.close();
        site.stop();
        await service.stop();
      }
    };
    const outcome = async (/** @type {import('./lib/browsers.mjs').TestPage} */ page) => {
      await page.click('#go');
      return JSON.parse(await page.waitFor('window.result && JSON.stringify(window.result)', 20_000));
    };

    if (name === 'firefox') {
      for (const [what, prefs, obstacle] of /** @type {const} */ ([
        ['service workers', { 'dom.serviceWorkers.enabled': false }, 'private-mode'],
        ['push', { 'dom.push.enabled': false }, 'no-push'],
      ])) {
        test(`${what} by its real preference`, () => within({ prefs }, async (page) => {
          assert.equal((await page.evaluate('environment()')).obstacle, obstacle);
          assert.equal((await outcome(page)).code, obstacle);
          assert.equal((await page.evaluate('push.getState()')).reason, obstacle);
        }));
      }
      // Up to some version there were no service workers in it: hence `private-mode`.
      test('a real private window, in which nothing hinders push any more', () => within({ prefs: { 'browser.privatebrowsing.autostart': true, 'permissions.default.desktop-notification': 1 } }, async (page, site) => {
        assert.equal((await page.evaluate('environment()')).supported, true);
        const { value, code } = await outcome(page);
        assert.ok(value?.endpoint, code);
        assert.equal((await page.evaluate('push.getState()')).subscription, 'saved');
        assert.deepEqual([...site.rows.keys()], [value.endpoint]);
      }));
      test('notifications blocked for all sites by its real preference', () => within({ prefs: { 'permissions.default.desktop-notification': 2 } }, async (page) => {
        assert.equal((await outcome(page)).code, 'permission-denied');
        await eventually(async () => (await page.evaluate('push.getState()')).reason === 'permission-denied');
      }));
    } else {
      test('a real incognito window', () => within({}, async (page) => {
        // Meant not to be told from a person's no.
        assert.equal((await page.evaluate('environment()')).supported, true);
        assert.equal((await outcome(page)).code, 'permission-denied');
        await eventually(async () => (await page.evaluate('push.getState()')).reason === 'permission-denied');
      }, { incognito: true }));
      test('notifications blocked for all sites by its real setting', () => within({ prefs: { profile: { default_content_setting_values: { notifications: 2 } } } }, async (page) => {
        assert.equal((await outcome(page)).code, 'permission-denied');
        await eventually(async () => (await page.evaluate('push.getState()')).reason === 'permission-denied');
      }));
      test('a question that Chromium answers by itself, without showing it', () => within({ args: ['--deny-permission-prompts'] }, async (page) => {
        assert.equal(await page.evaluate('Notification.permission'), 'default');
        // Told from a person's answer by its speed, which a busy machine may spoil.
        assert.match((await outcome(page)).code, /^permission-(quiet|denied)$/);
      }));
    }
  });
}
