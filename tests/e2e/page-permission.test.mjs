// The browsers' own question, really asked and really answered: windows on a virtual screen, keys and clicks through the X server.
// Whatever a person does with it has a code, leaves a true state, and can be changed later without the app's help.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BROWSERS, launch } from './lib/browsers.mjs';
import { startNotifications } from './lib/dbus.mjs';
import { chrome } from './lib/firefox.mjs';
import { startPushService } from './lib/push-service.mjs';
import { startScreen } from './lib/screen.mjs';
import { startSite } from './lib/site.mjs';
import { eventually, stays } from './lib/wait.mjs';

/** @typedef {import('./lib/browsers.mjs').TestPage} Page */

for (const name of BROWSERS) {
  describe(`the browser’s own question in ${name}`, { timeout: 180_000 }, () => {
    /** @type {(() => unknown)[]} */
    const stops = [];
    /** @type {import('./lib/screen.mjs').Screen} */
    let screen;
    /** @type {import('./lib/push-service.mjs').PushService} */
    let service;
    /** @type {import('./lib/dbus.mjs').NotificationDaemon} */
    let desktop;
    /** @type {import('./lib/site.mjs').Site} */
    let site;
    /** @type {import('./lib/browsers.mjs').TestBrowser} */
    let browser;
    /** What ends the browser, which is another one in each of the groups below. @type {() => Promise<void>} */
    let end = async () => {};

    before(async () => {
      screen = await startScreen();
      stops.push(() => screen.stop());
      service = await startPushService();
      stops.push(() => service.stop());
      desktop = await startNotifications();
      stops.push(() => desktop.stop());
      site = await startSite(service.vapid.publicKey);
      stops.push(() => site.stop(), () => end());
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });

    /** A new profile, which nobody was asked in. */
    const start = async (/** @type {Record<string, any>} */ prefs = {}) => {
      await end();
      browser = await launch(name, { wiring: await service.wiring(name), dbusAddress: desktop.address, display: screen.display, prefs });
      end = () => browser.close();
    };
    /** Two origins of one site, each with a permission of its own. */
    const origins = () => [site.origin, site.origin.replace('localhost', '127.0.0.1')];
    /** The only page there is. */
    const open = async (/** @type {number} */ origin = 0, /** @type {object} */ options = {}, more = {}) => {
      for (const page of await browser.pages()) await page.close();
      site.reset();
      return site.open(browser, options, more, origins()[origin]);
    };

    /** What a call that has been started comes to. */
    const outcome = async (/** @type {Page} */ page) => JSON.parse(await page.waitFor('window.result && JSON.stringify(window.result)', 20_000));
    const state = (/** @type {Page} */ page) => page.evaluate('push.getState()');
    const registrations = (/** @type {Page} */ page) => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
    /** Clicks the app's button, and answers the browser's question by these keys or clicks. */
    const subscribe = async (/** @type {Page} */ page, answer = async () => {}) => {
      await screen.clickIn(page, '#go');
      await answer();
      return outcome(page);
    };
    /** The same through the app's own question; the code of the error. */
    const prime = async (/** @type {Page} */ page, answer = async () => {}) => {
      await page.evaluate(`window.result = undefined; void import('/tidings/prompt.js').then(({ ask }) => ask(push)).then((it) => (window.result = it), ({ code }) => (window.result = { code }))`);
      if ((await page.waitFor('window.result ? "none" : document.querySelector("tidings-prompt") && "shown"')) === 'shown') {
        await screen.clickIn(page, '>>> [part~=accept]');
        await answer();
      }
      return outcome(page);
    };
    const waitDays = async (/** @type {Page} */ page) => Math.round(((await page.evaluate('push.priming()')) - Date.now()) / 86_400_000);

    /** Nobody is asked any more: not even the app's button shows a question. */
    const settled = async (/** @type {Page} */ page, /** @type {string} */ reason) => {
      await eventually(async () => (await state(page)).reason === reason, { what: `the reason to be ${reason}` });
      const { permission, subscription, worker } = await state(page);
      assert.deepEqual({ permission, subscription, worker }, { permission: 'denied', subscription: 'none', worker: 'none' });
      assert.equal((await subscribe(page)).code, reason);
      assert.deepEqual(await prime(page), { result: 'not-now' });
    };
    /** The person has been asked in vain, and nothing has come of it: nothing is registered, the server was not called. */
    const untouched = async (/** @type {Page} */ page) => {
      await eventually(async () => (await state(page)).subscription === 'none');
      const { permission, worker, reason } = await state(page);
      assert.deepEqual({ permission, worker, reason }, { permission: 'default', worker: 'none', reason: undefined });
      assert.equal(await registrations(page), 0);
      assert.equal(site.calls.length, 0);
    };
    /** The person has allowed it since, and the app does nothing. */
    const follows = async (/** @type {Page} */ page) => {
      await eventually(async () => {
        const now = await state(page);
        return now.subscription === 'saved' || Promise.reject(new Error(JSON.stringify(now)));
      }, { timeout: 20_000, what: 'the state to follow by itself' });
      const { permission, worker, reason } = await state(page);
      assert.deepEqual({ permission, worker, reason }, { permission: 'granted', worker: 'active', reason: undefined });
      assert.equal(site.rows.size, 1);
    };
    /** Who goes to the settings takes some seconds. Chromium never answers a `subscribe()` that follows a block at once. */
    const settings = () => delay(3000);
    /** A push arrives. */
    const arrives = async (/** @type {string} */ title) => {
      const [row] = site.rows.values();
      assert.equal(await service.send(row, { web_push: 8030, notification: { title, navigate: `${site.origin}/` } }), 201);
      await eventually(() => desktop.calls.some(({ summary }) => summary === title), { what: 'the push to be shown' });
    };

    if (name === 'chromium') {
      /** Waits for the bubble, which takes the focus, and presses keys in it once it listens. */
      const bubble = (/** @type {Page} */ page, /** @type {string[]} */ ...keys) => async () => {
        await page.waitFor('!document.hasFocus()');
        await delay(600); // It does not listen to keys that were meant for the page.
        await screen.press(...keys);
      };
      const ESCAPE = ['Escape'];
      const BLOCK = ['Tab', 'Tab', 'Return'];
      const ALLOW = ['shift+Tab', 'Return'];

      describe('a bubble', () => {
        before(() => start());

        test('dismissed: it can be asked again, and the app’s own question is not shown for three days', async () => {
          const page = await open();
          assert.equal((await subscribe(page, bubble(page, ...ESCAPE))).code, 'permission-dismissed');
          await untouched(page);
          assert.deepEqual(await prime(page, bubble(page, ...ESCAPE)), { code: 'permission-dismissed' });
          await untouched(page);
          assert.equal(await waitDays(page), 3);
          assert.deepEqual(await prime(page), { result: 'not-now' });
        });

        test('dismissed for the third time: Chromium blocks it, for a week; allowed in the settings, the state follows by itself', async () => {
          const page = await open();
          assert.equal((await subscribe(page, bubble(page, ...ESCAPE))).code, 'permission-denied');
          await settled(page, 'permission-denied');
          await settings();
          await browser.setPermission(site.origin, 'granted');
          await follows(page);
        });

        test('blocked, and allowed in the settings', async () => {
          const page = await open(1);
          assert.equal((await subscribe(page, bubble(page, ...BLOCK))).code, 'permission-denied');
          await settled(page, 'permission-denied');
          await settings();
          await browser.setPermission(origins()[1], 'granted');
          await follows(page);
        });

        test('allowed: a push arrives', async () => {
          await browser.setPermission(site.origin, 'default');
          await site.clear(browser);
          const page = await open();
          const { value, code } = await subscribe(page, bubble(page, ...ALLOW));
          assert.ok(value?.endpoint, code);
          await follows(page);
          await arrives('Allowed in the bubble');
        });
      });

      describe('a crossed bell in the place of the bubble', () => {
        before(() => start({ profile: { content_settings: { enable_quiet_permission_ui: { notifications: true } } } }));

        test('blocked quietly: told from a person’s answer, also when Chromium does not answer at all', async () => {
          const page = await open();
          assert.deepEqual(await prime(page), { code: 'permission-quiet' });
          await untouched(page);
          assert.equal(await waitDays(page), 3);
          // The bell is still there, and nobody answers.
          assert.equal((await subscribe(page)).code, 'permission-quiet');
          assert.equal(await page.evaluate('document.hasFocus()'), true);
          await untouched(page);
        });

        test('allowed at the bell: the state follows by itself, and a push arrives', async () => {
          const [page] = await browser.pages();
          // The first thing in the address bar.
          const bell = await page.evaluate(() => ({ x: screenX + 138, y: screenY + (outerHeight - innerHeight) * 0.72 }));
          await screen.click(bell);
          await bubble(page, 'Return')();
          await follows(page);
          await arrives('Allowed at the bell');
        });
      });
    } else {
      /** What Firefox shows: the question with its buttons, or only its sign in the address bar, where they are on the screen. */
      const look = () =>
        chrome(browser.puppeteer, () => {
          const { PopupNotifications, document } = /** @type {any} */ (globalThis);
          const box = (/** @type {any} */ element) => {
            const { width, height } = element?.getBoundingClientRect() ?? {};
            return width ? { x: element.screenX, y: element.screenY, width, height } : null;
          };
          const shown = PopupNotifications.panel.state === 'open' ? PopupNotifications.panel.firstElementChild : null;
          // Not as an object: WebDriver would send its types along.
          return JSON.stringify({ allow: box(shown?.button), block: box(shown?.secondaryButton), sign: box(document.getElementById('web-notifications-notification-icon')) });
        }).then(JSON.parse);
      /** Clicks it, once Firefox listens: not in the first half second, lest somebody click what came under the mouse. */
      const click = (/** @type {'allow' | 'block' | 'sign'} */ what) => async () => {
        await eventually(async () => (await look())[what], { what: `Firefox to show ${what}` });
        await eventually(async () => {
          const box = (await look())[what];
          if (box) await screen.click(box);
          await delay(250);
          const after = await look();
          return what === 'sign' ? after.allow : !after[what];
        }, { what: `a click on ${what} to count` });
      };

      describe('in a window', () => {
        before(() => start());

        test('without a gesture there is only a sign in the address bar (and no userActivation, in an older Firefox); allowed there, the state follows by itself', async () => {
          const page = await open(0, {}, { before: 'delete Navigator.prototype.userActivation', now: 'subscribe' });
          assert.equal((await outcome(page)).code, 'permission-quiet');
          assert.equal((await look()).allow, null);
          await untouched(page);
          await click('sign')();
          await delay(600);
          // By its access key: without a window manager, this panel goes away when the mouse leaves the sign.
          await screen.press('alt+a');
          await follows(page);
        });

        test('blocked by Escape, which is “Always Block” here; allowed in the settings, the state follows by itself', async () => {
          const page = await open(1);
          const answer = async () => {
            await eventually(async () => (await look()).block);
            await screen.press('Escape');
          };
          assert.equal((await subscribe(page, answer)).code, 'permission-denied');
          await settled(page, 'permission-denied');
          await browser.setPermission(origins()[1], 'granted');
          await follows(page);
        });

        test('left alone, then asked again after a load, and allowed: a push arrives', async () => {
          await browser.setPermission(site.origin, 'default');
          await site.clear(browser);
          const page = await open();
          await screen.clickIn(page, '#go');
          await eventually(async () => (await look()).allow);
          assert.ok(await stays(async () => (await page.evaluate('window.result ?? null')) === null, 300), 'it waits');
          await page.reload();
          await page.waitFor('window.ready');
          await untouched(page);
          const { value, code } = await subscribe(page, click('allow'));
          assert.ok(value?.endpoint, code);
          await follows(page);
          await arrives('Allowed in Firefox');
        });
      });

      describe('in a private window', () => {
        before(() => start({ 'browser.privatebrowsing.autostart': true }));

        test('blocked for now: dismissed, and then Firefox asks no more, which is told from an answer', async () => {
          const page = await open();
          assert.deepEqual(await prime(page, click('block')), { code: 'permission-dismissed' });
          await untouched(page);
          assert.equal(await waitDays(page), 3);
          assert.equal((await subscribe(page)).code, 'permission-quiet');
          assert.equal((await look()).allow, null);
          await untouched(page);
        });
      });
    }
  });
}
