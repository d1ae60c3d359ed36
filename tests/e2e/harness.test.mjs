// The harness itself: hand-written page and worker, so that what fails here is the harness, a browser or the push service.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { BROWSERS, launch } from './lib/browsers.mjs';
import { startNotifications } from './lib/dbus.mjs';
import { remove, temporaryFolder } from './lib/processes.mjs';
import { startPushService } from './lib/push-service.mjs';
import { eventually, stays } from './lib/wait.mjs';

const PAGE = `<!doctype html><meta charset="utf-8"><title>harness</title>
<button id="ask">Ask</button> <button id="subscribe">Subscribe</button>
<script>
  window.seen = [];
  navigator.serviceWorker.addEventListener('message', (event) => seen.push(event.data));
  ask.onclick = async () => { ask.textContent = await Notification.requestPermission(); };
  subscribe.onclick = async () => {
    try {
      await navigator.serviceWorker.register('/sw.js');
      const registration = await navigator.serviceWorker.ready;
      const key = await (await fetch('/key')).text();
      window.subscription = (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
    } catch (error) { window.subscription = { error: String(error) }; }
  };
</script>`;

const WORKER = `
const born = performance.timeOrigin;
const report = (entry) => fetch('/report', { method: 'POST', body: JSON.stringify({ born, ...entry }) });
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('push', (event) => event.waitUntil((async () => {
  const message = event.data.json();
  await registration.showNotification(message.title, message);
  await report({ type: 'push', title: message.title });
})()));
addEventListener('notificationclick', (event) => event.waitUntil((async () => {
  event.notification.close();
  const { title, data } = event.notification;
  const windows = await clients.matchAll({ type: 'window' });
  const client = windows.length ? await windows[0].focus() : await clients.openWindow(data.url);
  client?.postMessage({ clicked: title });
  await report({ type: 'click', title, action: event.action, windows: windows.map((one) => one.url) });
})()));
addEventListener('notificationclose', (event) => event.waitUntil(report({ type: 'close', title: event.notification.title })));
`;

for (const name of BROWSERS) {
  describe(`harness with ${name}`, { timeout: 120_000 }, () => {
    /** @type {any[]} */
    const reports = [];
    const profile = temporaryFolder(`harness-${name}`);
    /** @type {Awaited<ReturnType<typeof startPushService>>} */
    let service;
    /** @type {import('./lib/dbus.mjs').NotificationDaemon} */
    let desktop;
    /** @type {import('./lib/browsers.mjs').TestBrowser} */
    let browser;
    /** @type {http.Server} */
    let server;
    /** @type {any} */
    let subscription;
    let origin = '';

    const start = async () =>
      launch(name, { wiring: await service.wiring(name), dbusAddress: desktop.address, profile: path.join(profile, 'it'), allow: [origin] });
    const report = (/** @type {string} */ type, /** @type {string} */ title) =>
      eventually(() => reports.find((one) => one.type === type && one.title === title), { what: `a report of ${type} for ${title}` });
    const push = async (/** @type {string} */ title, /** @type {object} */ more = {}) => {
      assert.equal(await service.send(subscription, { title, body: `body of ${title}`, data: { url: '/opened' }, ...more }), 201);
    };
    const closePages = async () => {
      for (const page of await browser.pages()) await page.close();
    };

    before(async () => {
      service = await startPushService();
      desktop = await startNotifications();
      server = http.createServer(async (request, response) => {
        if (request.url === '/report') {
          let body = '';
          for await (const chunk of request) body += chunk;
          reports.push(JSON.parse(body));
          response.writeHead(204).end();
        } else if (request.url === '/sw.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(WORKER);
        else if (request.url === '/key') response.end(service.vapid.publicKey);
        else response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      origin = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
      browser = await start();
    });

    after(async () => {
      await browser?.close();
      await desktop?.stop();
      await service?.stop();
      server?.closeAllConnections();
      server?.close();
      remove(profile);
    });

    beforeEach(() => desktop.reset());

    test('subscribes after clicks on the page', async () => {
      const page = await browser.open(`${origin}/`);
      await page.click('#ask');
      await page.waitFor(() => document.querySelector('#ask')?.textContent === 'granted');
      await page.click('#subscribe');
      subscription = await page.waitFor(() => /** @type {any} */ (globalThis).subscription);
      assert.equal(subscription.error, undefined);
      assert.ok(subscription.keys.p256dh, JSON.stringify(subscription));
    });

    test('shows exactly one notification for a push', async () => {
      await push('One', { actions: [{ action: 'yes', title: 'Yes' }, { action: 'no', title: 'No' }] });
      await report('push', 'One');
      const shown = await desktop.waitFor((one) => one.summary === 'One');
      assert.match(shown.body, /body of One/);
      assert.ok(['Yes', 'No'].every((label) => shown.actions.some((action) => action.label === label)));
      assert.ok(await stays(() => desktop.calls.length === 1));
    });

    test('focuses the open page on a click', async () => {
      const [page] = await browser.pages();
      const other = await browser.open('about:blank#other');
      await page.waitFor(() => document.visibilityState === 'hidden');
      await push('Focus');
      desktop.click((await desktop.waitFor((one) => one.summary === 'Focus')).id);
      const click = await report('click', 'Focus');
      assert.deepEqual([click.action, click.windows], ['', [`${origin}/`]]);
      await page.waitFor(() => document.visibilityState === 'visible');
      await page.waitFor(() => /** @type {any} */ (globalThis).seen.some((/** @type {any} */ one) => one.clicked === 'Focus'));
      await other.close();
    });

    test('tells which button was clicked', async () => {
      await push('Button', { actions: [{ action: 'yes', title: 'Yes' }, { action: 'no', title: 'No' }] });
      desktop.clickAction((await desktop.waitFor((one) => one.summary === 'Button')).id, 'No');
      assert.equal((await report('click', 'Button')).action, 'no');
    });

    test('replaces a notification of the same tag, and closes one by hand', async () => {
      await push('Tag 1', { tag: 'tag' });
      await desktop.waitFor((one) => one.summary === 'Tag 1');
      await push('Tag 2', { tag: 'tag' });
      const second = await desktop.waitFor((one) => one.summary === 'Tag 2');
      await eventually(() => desktop.shown().length === 1);
      desktop.close(second.id);
      await report('close', 'Tag 2');
      assert.deepEqual(desktop.shown(), []);
    });

    test('opens a page on a click when there is none', async () => {
      await closePages();
      await push('Open');
      desktop.click((await desktop.waitFor((one) => one.summary === 'Open')).id);
      assert.deepEqual((await report('click', 'Open')).windows, []);
      const page = await browser.waitForPage(`${origin}/opened`);
      assert.equal(await page.evaluate(() => document.title), 'harness');
    });

    test('a stopped worker starts again for a push', async () => {
      await push('Before');
      const { born } = await report('push', 'Before');
      await browser.stopWorkers();
      await push('After');
      assert.notEqual((await report('push', 'After')).born, born);
      await desktop.waitFor((one) => one.summary === 'After');
    });

    test('a stopped worker starts again for a click', async () => {
      await push('Cold click');
      const { born } = await report('push', 'Cold click');
      const { id } = await desktop.waitFor((one) => one.summary === 'Cold click');
      await browser.stopWorkers();
      desktop.click(id);
      assert.notEqual((await report('click', 'Cold click')).born, born);
    });

    test('a message waits for a closed browser', async () => {
      await browser.close();
      await push('Waited');
      browser = await start();
      await report('push', 'Waited');
      await desktop.waitFor((one) => one.summary === 'Waited');
      assert.equal(desktop.calls.length, 1);
    });

    test('a message waits for a killed browser', async () => {
      await browser.kill();
      await push('Survived');
      browser = await start();
      await report('push', 'Survived');
    });

    test('a permission taken back stops the pushes', async () => {
      await browser.setPermission(origin, 'denied');
      const page = await browser.open(`${origin}/`);
      assert.equal(await page.evaluate(() => Notification.permission), 'denied');
      await page.waitFor(async () => (await (await navigator.serviceWorker.ready).pushManager.getSubscription()) === null);
      await eventually(async () => (await service.send(subscription, { title: 'Gone' })) === 410);
    });
  });
}
