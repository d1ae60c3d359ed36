// The server changes its key, and the browser is killed in the middle of the hand-over: the next load finishes the job.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BROWSERS } from './lib/browsers.mjs';
import { eventually } from './lib/wait.mjs';
import { idOf, openDemo, startWorld, subscriptionOf, toggle } from './lib/world.mjs';

/** Lets the page get through a step, and no further: what comes after it never starts. Runs in the page. */
const CUTS = {
  'after the old subscription was noted': () => {
    PushSubscription.prototype.unsubscribe = () => (window.cut = true, new Promise(() => {}));
  },
  'after it was ended': () => {
    const { unsubscribe } = PushSubscription.prototype;
    PushSubscription.prototype.unsubscribe = function () {
      return unsubscribe.call(this).then(() => ((window.cut = true), new Promise(() => {})));
    };
  },
  'after the new one was made': () => {
    const { subscribe } = PushManager.prototype;
    PushManager.prototype.subscribe = function (...options) {
      return subscribe.apply(this, options).then(() => ((window.cut = true), new Promise(() => {})));
    };
  },
  'after the server was told': () => {
    const real = window.fetch;
    window.fetch = async (url, init) => {
      const response = await real(url, init);
      if (init?.method !== 'PUT') return response;
      window.cut = true;
      return new Promise(() => {});
    };
  },
};

for (const name of BROWSERS) {
  describe(`a change of the server’s key in ${name}`, { timeout: 180_000 }, () => {
    /** @type {import('./lib/world.mjs').World} */
    let world;

    before(async () => {
      world = await startWorld(name);
      await world.browser.setPermission(world.origin, 'granted');
      const page = await openDemo(world);
      await toggle(page, 'Notifications are on');
      // Ended the way a person does it, so that the permission is in the profile.
      await world.restart();
    });
    after(() => world?.stop());

    /** The one row is that of the browser's subscription, and what is sent to it arrives. */
    const inOrder = async (/** @type {import('./lib/browsers.mjs').TestPage} */ page, /** @type {string} */ old) => {
      const subscription = await subscriptionOf(page);
      assert.notEqual(idOf(subscription), old);
      const rows = await world.stored();
      assert.equal(rows.length, 1, rows.join('\n'));
      assert.ok(rows[0].includes(idOf(subscription)), rows[0]);
      assert.equal((await world.api('GET', `/subscriptions/${old}`)).status, 404, 'the old endpoint is gone');
      await world.send(idOf(subscription), { title: `With the new key ${idOf(subscription)}` });
      const shown = await world.desktop.waitFor(({ summary }) => summary.includes(idOf(subscription)), 20_000);
      world.desktop.close(shown.id);
    };
    const saved = (/** @type {import('./lib/browsers.mjs').TestPage} */ page) =>
      eventually(async () => (await page.text('#fact-subscription')) === 'on the server', { what: 'the demo to say “on the server”', timeout: 20_000 });

    test('the next load hands over', async () => {
      const before = await openDemo(world);
      const old = idOf(await subscriptionOf(before));
      await world.closePages();
      await world.rotate();
      const page = await openDemo(world);
      await saved(page);
      await inOrder(page, old);
      await world.closePages();
    });

    for (const [when, cut] of Object.entries(CUTS)) {
      test(`killed ${when}`, async () => {
        const first = await openDemo(world);
        const old = idOf(await subscriptionOf(first));
        await world.rotate();
        await first.puppeteer.evaluateOnNewDocument(cut);
        await first.reload();
        await first.waitFor('window.cut', 20_000);
        assert.ok((await world.stored()).length === 1, 'one row at any time');
        await world.kill();
        const page = await openDemo(world);
        await saved(page);
        await inOrder(page, old);
        await world.closePages();
      });
    }
  });
}
