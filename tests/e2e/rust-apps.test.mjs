// The Rust apps under examples/, page and worker, built and used as a person uses them, in real browsers.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { read } from '../../scripts/lib/run.mjs';
import { buildExamples, exampleSizes, EXAMPLES, folderOf } from '../../scripts/examples.mjs';
import { BROWSERS, launch } from './lib/browsers.mjs';
import { startNotifications } from './lib/dbus.mjs';
import { remove, root, runTidings, startTidings, temporaryFolder } from './lib/processes.mjs';
import { startPushService } from './lib/push-service.mjs';
import { eventually, stays } from './lib/wait.mjs';

/** What each worker's hook makes of the title. */
const TITLES = { 'wasm-bindgen': 'Soup, in plain Rust', leptos: 'Soup, in Leptos', yew: 'Soup, in Yew', dioxus: 'Soup, in Dioxus' };

before(
  async () => {
    const start = performance.now();
    await buildExamples();
    console.log(`the Rust apps were built in ${((performance.now() - start) / 1000).toFixed(1)} s; after brotli they have`);
    console.table(exampleSizes());
  },
  { timeout: 600_000 },
);

test('the Leptos page renders natively, as on a server', { skip: !process.env.TIDINGS_LONG && 'TIDINGS_LONG=1: compiles Leptos once more', timeout: 900_000 }, async () => {
  const html = await read('cargo', ['run', '--quiet', '--locked', '--package', 'leptos-page', '--no-default-features', '--features', 'ssr'], { cwd: path.join(root, 'examples') });
  assert.match(html, /<button id="toggle">Notify me<\/button>/);
  assert.match(html, /<output id="state">off<\/output>/);
  assert.doesNotMatch(html, /data-code/, 'no obstacle of the server');
});

for (const name of BROWSERS) {
  // Firefox drives one framework and none; what differs in the others is the same WASM in both.
  const apps = name === 'chromium' ? EXAMPLES : ['wasm-bindgen', 'leptos'];
  describe(`Rust apps in ${name}`, { timeout: 180_000 }, () => {
    const folder = temporaryFolder(`rust-apps-${name}`);
    /** @type {(() => unknown)[]} */
    const stops = [() => remove(folder)];
    /** @type {Map<string, string>} */
    const origins = new Map();
    /** @type {import('./lib/push-service.mjs').PushService} */
    let service;
    /** @type {import('./lib/dbus.mjs').NotificationDaemon} */
    let desktop;
    /** @type {import('./lib/browsers.mjs').TestBrowser} */
    let browser;

    before(async () => {
      service = await startPushService();
      stops.push(() => service.stop());
      desktop = await startNotifications();
      stops.push(() => desktop.stop());
      for (const app of apps) {
        const serve = ['serve', '--address', '127.0.0.1:0', '--data', path.join(folder, app), '--www', folderOf(app), '--loopback-without-token', '--push-service', service.url];
        const server = await startTidings(serve, { ready: /Tidings is at (http:\/\/\S+)/ });
        stops.push(() => server.stop());
        origins.set(app, server.ready[1]);
      }
      browser = await launch(name, { wiring: await service.wiring(name), dbusAddress: desktop.address, allow: [...origins.values()] });
      stops.push(() => browser.close());
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });

    for (const app of apps) {
      test(`${app}: subscribe, a reminder through the outbox, the hook in Rust, the click, unsubscribe, denied`, async (t) => {
        const origin = /** @type {string} */ (origins.get(app));
        const title = TITLES[/** @type {keyof TITLES} */ (app)];
        desktop.reset();
        const page = await browser.open(`${origin}/`);
        t.after(() => page.close());
        const says = (/** @type {string} */ id, /** @type {string} */ text) =>
          page.waitFor((id, text) => document.getElementById(id)?.textContent?.trim() === text, 10_000, id, text).catch((error) => assert.fail(`${error.message}\n${browser.messages.join('\n')}`));
        const log = () => page.evaluate(() => [...document.querySelectorAll('#log li')].map((line) => line.textContent?.trim()));

        await says('state', 'off');
        await says('toggle', 'Notify me');
        // The outbox empties faster than a test can look.
        await page.evaluate(() => {
          const seen = (/** @type {any} */ (globalThis).seen = /** @type {string[]} */ ([]));
          const look = () => void seen.push(document.getElementById('waiting')?.textContent ?? '');
          new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
        });
        await page.click('#toggle');
        await says('state', 'on');
        await says('toggle', 'Stop');
        await says('error', '');

        await page.fill('#what', 'Soup');
        await page.click('#remind button:not([disabled])');
        const shown = await desktop.waitFor(({ summary }) => summary === title, 20_000).catch((error) => assert.fail(`${error.message}\n${browser.messages.join('\n')}`));
        assert.ok(await stays(() => desktop.calls.length === 1), `exactly one: ${JSON.stringify(desktop.calls)}`);
        await eventually(async () => (await log()).includes(`shown: ${title}`), { what: 'the page to hear of it' });
        await says('waiting', '0');
        assert.ok((await page.evaluate('seen')).includes('1'), 'the outbox’s number was seen to rise');

        desktop.click(shown.id);
        await eventually(async () => (await log()).includes('clicked: Soup'), { what: 'the click, with its typed data' });

        const stored = async () => {
          const send = ['send', '--all', '--title', 'x', '--dry-run', '--data', path.join(folder, app), '--push-service', service.url];
          return (await runTidings(send)).stdout.split('\n').filter(Boolean).length;
        };
        assert.equal(await stored(), 1);
        await page.click('#toggle');
        await says('state', 'off');
        assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.ready).pushManager.getSubscription().then(String)), 'null');
        assert.equal(await stored(), 0, 'the server has forgotten it, too');

        await browser.setPermission(origin, 'denied');
        await page.reload();
        await says('state', 'off');
        await page.click('#toggle');
        await says('error', 'Notifications are blocked. Allow them next to the address.');
        assert.equal(await page.evaluate(() => document.getElementById('error')?.dataset.code), 'permission-denied');
      });
    }
  });
}
