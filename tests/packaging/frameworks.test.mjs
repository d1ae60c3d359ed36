// The hooks for React, Svelte and Vue, in an app that Vite builds with the frameworks from the registry, in Chromium.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { bin } from '../../scripts/lib/paths.mjs';
import { launch } from '../e2e/lib/browsers.mjs';
import { startNotifications } from '../e2e/lib/dbus.mjs';
import { startPushService } from '../e2e/lib/push-service.mjs';
import { built, installed, packed } from './lib/project.mjs';
import { STRICT, startSite } from './lib/site.mjs';

const FRAMEWORKS = ['react', 'svelte', 'vue'];

describe('the hooks', { timeout: 180_000 }, () => {
  /** @type {(() => unknown)[]} */
  const stops = [];
  /** @type {Record<string, import('./lib/site.mjs').Site>} an origin each, so that none knows what another did */
  const sites = {};
  /** @type {import('../e2e/lib/push-service.mjs').PushService} */
  let service;
  /** @type {import('../e2e/lib/browsers.mjs').TestBrowser} */
  let browser;
  let folder = '';

  before(async () => {
    folder = await installed('frameworks', packed());
    // What a server renders is checked before it is built.
    const { out } = await built(folder);
    for (const name of FRAMEWORKS) {
      sites[name] = Object.assign(await startSite(), { folder: out, policy: STRICT });
      stops.push(() => sites[name].stop());
    }
    service = await startPushService();
    stops.push(() => service.stop());
    const desktop = await startNotifications();
    stops.push(() => desktop.stop());
    const allow = Object.values(sites).map(({ origin }) => origin);
    browser = await launch('chromium', { wiring: await service.wiring('chromium'), dbusAddress: desktop.address, allow });
    stops.push(() => browser.close());
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  for (const name of FRAMEWORKS) {
    test(name, async () => {
      const { origin } = sites[name];
      const page = await browser.open(`${origin}/${name}.html?key=${service.vapid.publicKey}`);
      const text = (/** @type {string} */ what, /** @type {string} */ wanted) =>
        page.waitFor((what, wanted) => document.querySelector(what)?.textContent === wanted, 15_000, what, wanted)
          .catch(async (error) => assert.fail(`${error.message}\n${await page.evaluate('document.body.innerHTML')}\n${browser.messages.join('\n')}`));

      await text('output', 'none');
      await page.click('button');
      await text('output', 'saved');

      const subscription = await page.evaluate(async () => (await (await navigator.serviceWorker.ready).pushManager.getSubscription())?.toJSON());
      const send = (/** @type {string} */ title) => service.send(/** @type {any} */ (subscription), { web_push: 8030, notification: { title, navigate: `${origin}/` } });
      assert.equal(await send('One'), 201);
      await text('q', 'One');
      assert.equal(await send('Two'), 201);
      await text('q', 'Two');

      // The state and the event, each listened to once, and no more once the component is gone.
      assert.equal(await page.evaluate('app.listeners'), 2);
      await page.evaluate('app.unmount()');
      await page.waitFor('app.listeners === 0');
      assert.deepEqual(await page.evaluate('app.errors'), [], 'nothing that the server rendered was wrong');
    });
  }

  test('their types, with those of the frameworks', () => {
    const { status, stdout } = spawnSync(process.execPath, [bin('tsc', 'typescript'), '-p', folder], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });
});
