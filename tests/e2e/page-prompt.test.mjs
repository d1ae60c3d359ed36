// The app's own question before the browser's: seen, pressed, dismissed, and not shown again too soon.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BROWSERS, launch } from './lib/browsers.mjs';
import { startNotifications } from './lib/dbus.mjs';
import { startPushService } from './lib/push-service.mjs';
import { startSite } from './lib/site.mjs';

for (const name of BROWSERS) {
  describe(`the app’s own question in ${name}`, { timeout: 120_000 }, () => {
    /** @type {(() => unknown)[]} */
    const stops = [];
    /** @type {import('./lib/site.mjs').Site} */
    let site;
    /** @type {import('./lib/browsers.mjs').TestPage} */
    let page;

    before(async () => {
      const service = await startPushService();
      stops.push(() => service.stop());
      const desktop = await startNotifications();
      stops.push(() => desktop.stop());
      site = await startSite(service.vapid.publicKey);
      stops.push(() => site.stop());
      const browser = await launch(name, { wiring: await service.wiring(name), dbusAddress: desktop.address, allow: [site.origin] });
      stops.push(() => browser.close());
      page = await browser.open(site.url());
      await page.waitFor('window.ready');
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });

    const ask = () =>
      page.evaluate(`void import('/tidings/prompt.js').then(({ ask }) => ask(push, { title: 'Shall we?' })).then((it) => (window.outcome = it.result), (error) => (window.outcome = error.code))`);
    const press = (/** @type {string} */ part) => page.click(`>>> [part~=${part}]`);
    const outcome = async () => {
      const found = await page.waitFor('window.outcome');
      await page.evaluate('window.outcome = undefined');
      return found;
    };

    test('it is a dialog with a name, a description and the focus inside', async () => {
      await ask();
      await page.waitFor(() => document.querySelector('tidings-prompt')?.shadowRoot?.querySelector('dialog')?.open);
      const found = await page.evaluate(() => {
        const shadow = /** @type {ShadowRoot} */ (document.querySelector('tidings-prompt')?.shadowRoot);
        const dialog = /** @type {HTMLDialogElement} */ (shadow.querySelector('dialog'));
        const named = (/** @type {string} */ by) => shadow.getElementById(dialog.getAttribute(by) ?? '')?.textContent;
        return { name: named('aria-labelledby'), text: Boolean(named('aria-describedby')), focus: shadow.activeElement?.tagName, modal: dialog.matches(':modal') };
      });
      assert.deepEqual(found, { name: 'Shall we?', text: true, focus: 'BUTTON', modal: true });
    });

    test('the Escape key dismisses it, and then it is not shown for three days', async () => {
      await page.puppeteer.keyboard.press('Escape');
      assert.equal(await outcome(), 'dismissed');
      assert.equal(await page.evaluate('document.querySelector("tidings-prompt")'), null);
      await ask();
      assert.equal(await outcome(), 'not-now');
      await page.evaluate('Date.now = ((now) => () => now() + 3.01 * 86_400_000)(Date.now)');
    });

    test('dismissed again by its button, it is not shown for seven days', async () => {
      await ask();
      await press('dismiss');
      assert.equal(await outcome(), 'dismissed');
      await page.evaluate('Date.now = ((now) => () => now() + 6.9 * 86_400_000)(Date.now)');
      await ask();
      assert.equal(await outcome(), 'not-now');
      await page.evaluate('Date.now = ((now) => () => now() + 0.2 * 86_400_000)(Date.now)');
    });

    test('accepted, it subscribes, and has nothing left to ask', async () => {
      await ask();
      await press('accept');
      assert.equal(await outcome(), 'subscribed');
      assert.equal(site.rows.size, 1);
      await ask();
      assert.equal(await outcome(), 'not-now');
    });
  });
}
