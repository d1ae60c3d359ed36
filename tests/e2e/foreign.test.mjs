// The package in an app that is not ours: another server, npm's web-push as the sender, a strict policy that blocks WASM.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { BROWSERS, launch } from './lib/browsers.mjs';
import { startNotifications } from './lib/dbus.mjs';
import { root } from './lib/processes.mjs';
import { startPushService } from './lib/push-service.mjs';
import { stays } from './lib/wait.mjs';

const PACKAGE = path.join(root, 'target/npm/unpacked/package/dist');

/** The whole app; the key is that of its sender. */
const page = (/** @type {string} */ key) => `<!doctype html><meta charset="utf-8"><title>foreign</title>
<button id="on">on</button>
<script type="module">
  import { createPush } from '/tidings/index.js';
  window.push = createPush({ worker: new URLSearchParams(location.search).get('worker'), server: null, applicationServerKey: '${key}' });
  window.clicks = [];
  window.shown = [];
  push.on('click', (click) => clicks.push(click));
  push.on('shown', (shown) => window.shown.push(shown.title));
  on.onclick = () => push.subscribe().then((it) => { window.subscription = it.toJSON(); }, (error) => { window.failure = { code: error.code, cause: String(error.cause) }; });
  window.ready = true;
</script>`;

/** An app's own server, of the simplest kind. */
async function serve(/** @type {string} */ key) {
  const script = (/** @type {string} */ file) => ['text/javascript', readFileSync(path.join(PACKAGE, file))];
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [type, body, policy] =
      pathname === '/' ? ['text/html', page(key)]
      : pathname === '/tidings/index.js' ? script('index.js')
      : pathname === '/worker.js' ? script('worker.js')
      // The policy of a worker is that of its own script's answer: this one allows no WASM.
      : pathname === '/blocked.js' ? [...script('worker.js'), "script-src 'self'"]
      : [];
    if (!body) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': /** @type {string} */ (type), ...(policy && { 'content-security-policy': /** @type {string} */ (policy) }) }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, origin: `http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}` };
}

for (const name of BROWSERS) {
  describe(`a foreign app in ${name}`, { timeout: 120_000 }, () => {
    /** @type {(() => unknown)[]} */
    const stops = [];
    /** @type {import('./lib/push-service.mjs').PushService} */
    let service;
    /** @type {import('./lib/dbus.mjs').NotificationDaemon} */
    let desktop;
    /** @type {import('./lib/browsers.mjs').TestBrowser} */
    let browser;
    let origin = '';

    before(async () => {
      service = await startPushService();
      stops.push(() => service.stop());
      desktop = await startNotifications();
      stops.push(() => desktop.stop());
      const app = await serve(service.vapid.publicKey);
      stops.push(() => { app.server.close(); app.server.closeAllConnections(); });
      origin = app.origin;
      browser = await launch(name, { wiring: await service.wiring(name), dbusAddress: desktop.address, allow: [origin] });
      stops.push(() => browser.close());
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });
    afterEach(async () => {
      for (const shown of desktop.shown()) desktop.close(shown.id);
      desktop.reset();
      for (const page of await browser.pages()) await page.close();
    });

    const open = async (/** @type {string} */ worker) => {
      const page = await browser.open(`${origin}/?worker=${encodeURIComponent(worker)}`);
      await page.waitFor('window.ready');
      return page;
    };
    const subscribe = async (/** @type {string} */ worker) => {
      const page = await open(worker);
      await page.click('#on');
      await page.waitFor('window.subscription || window.failure');
      assert.equal(await page.evaluate('window.failure && JSON.stringify(window.failure)'), undefined);
      return { page, subscription: await page.evaluate('window.subscription') };
    };
    const only = async (/** @type {string} */ title) => {
      const shown = await desktop.waitFor((one) => one.summary === title, 20_000);
      assert.ok(await stays(() => desktop.calls.length === 1), `exactly one: ${JSON.stringify(desktop.calls)}`);
      return shown;
    };
    const message = (/** @type {string} */ title) => ({
      web_push: 8030,
      notification: { title, body: 'From npm', navigate: `${origin}/?worker=%2Fworker.js`, data: { id: 1 } },
    });

    test('what npm web-push sends is shown, and its click arrives', async () => {
      const { page, subscription } = await subscribe('/worker.js');
      assert.equal(await service.send(subscription, message('From web-push')), 201);
      const shown = await only('From web-push');
      await page.waitFor('window.shown.length === 1');
      assert.match(shown.body, /From npm$/);
      desktop.click(shown.id);
      await page.waitFor('window.clicks.length > 0');
      const clicks = await page.evaluate('window.clicks');
      assert.deepEqual(clicks, [
        { title: 'From web-push', body: 'From npm', tag: '', data: { id: 1 }, action: '', url: `${origin}/?worker=%2Fworker.js` },
      ]);
    });

    test('a worker that cannot be fetched is named, with the browser’s own error', async () => {
      const page = await open('/missing.js');
      await page.click('#on');
      await page.waitFor('window.failure');
      const { code, cause } = await page.evaluate('window.failure');
      assert.equal(code, 'worker-failed');
      assert.match(cause, /Error/);
    });

    test('where WASM is blocked, the shim shows the notification and answers the click', async () => {
      const { page, subscription } = await subscribe('/blocked.js');
      await browser.stopWorkers();
      assert.equal(await service.send(subscription, message('Without WASM')), 201);
      const shown = await only('Without WASM');
      assert.match(shown.body, /From npm$/);
      assert.deepEqual(await page.evaluate('window.shown'), [], 'only Rust tells the pages');
      for (const page of await browser.pages()) await page.close();
      desktop.click(shown.id);
      await browser.waitForPage(`${origin}/?worker=%2Fworker.js`);
      assert.equal(await service.send(subscription, null), 201);
      await desktop.waitFor((one) => one.summary === new URL(origin).host);
    });
  });
}
