// docs/moving.md, walked by a browser: an app with web-push and its own sw.js becomes one with Tidings. Nobody clicks again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';
import { tidings } from '../../scripts/lib/paths.mjs';
import { blocks } from './lib/docs.mjs';
import { unpacked } from './lib/project.mjs';

const library = await unpacked();
/** @type {typeof import('../../crates/npm/js/testing/index')} */
const { notifications, startDesktop, startPushService, subscription, until, vapidKeys } = await import(pathToFileURL(path.join(library, 'dist/testing.js')).href);

const SECTION = 'From web-push and your own `sw.js`';
const [page] = blocks('docs/moving.md', 'js', SECTION);
const [, worker] = blocks('docs/moving.md', 'js', SECTION);

/** What the app was before: its page, its worker. */
const OLD_PAGE = (/** @type {string} */ key) => `<!doctype html><meta charset="utf-8"><button>on</button><script type="module">
document.querySelector('button').onclick = async () => {
  await Notification.requestPermission();
  await navigator.serviceWorker.register('/sw.js');
  const { pushManager } = await navigator.serviceWorker.ready;
  await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: '${key}' });
};
</script>`;
const OLD_WORKER = `
addEventListener('push', (event) => {
  const { heading, text, link } = event.data.json();
  event.waitUntil(registration.showNotification(heading, { body: text + ' (old)', data: link }));
});`;

describe('moving from web-push and an own sw.js', { timeout: 120_000 }, () => {
  /** @type {(() => unknown)[]} */
  const stops = [];
  /** What the site serves now. @type {Record<string, [type: string, body: string | Buffer]>} */
  const site = {};
  /** What the page has uploaded. @type {any[]} */
  const uploads = [];
  let origin = '';
  /** @type {Awaited<ReturnType<typeof startPushService>>} */
  let service;
  /** @type {Awaited<ReturnType<typeof startDesktop>>} */
  let desktop;
  /** @type {import('puppeteer-core').Page} */
  let tab;
  /** @type {any} */
  let earlier;

  before(async () => {
    const server = http.createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname === '/api/save-subscription') {
        let body = '';
        for await (const piece of request) body += piece;
        uploads.push({ method: request.method, ...JSON.parse(body) });
        return response.writeHead(204).end();
      }
      const [type, body] = site[pathname] ?? [];
      if (!type) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stops.push(() => (server.close(), server.closeAllConnections()));
    origin = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
    service = await startPushService({ program: tidings });
    stops.push(() => service.stop());
    desktop = await startDesktop();
    stops.push(() => desktop.stop());
    const browser = await puppeteer.launch(await service.puppeteer('chromium', { allow: [origin], desktop }));
    stops.push(() => browser.close());
    tab = await browser.newPage();

    Object.assign(site, { '/': ['text/html', OLD_PAGE(service.vapid.publicKey)], '/sw.js': ['text/javascript', OLD_WORKER] });
    await tab.goto(origin);
    await tab.click('button');
    earlier = await until(() => tab.evaluate(subscription), { what: 'the old subscription' });
    await service.send(earlier, { heading: 'Before', text: 'As it was', link: '/' });
    const shown = await desktop.waitFor(({ title }) => title === 'Before');
    assert.match(shown.body, /As it was \(old\)/);
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  const [, documented = ''] = /applicationServerKey: '([^']+)'/.exec(page) ?? [];
  /** The site as the guide says, with this key. */
  const deploy = (/** @type {string} */ key) =>
    Object.assign(site, {
      '/': ['text/html', `<!doctype html><meta charset="utf-8"><script type="importmap">{ "imports": { "tidings": "/tidings.js" } }</script><script type="module">${page.replace(documented, key)}\nwindow.push = push;</script>`],
      '/sw.js': ['text/javascript', worker],
      '/tidings-worker.js': ['text/javascript', readFileSync(path.join(library, 'dist/worker.js'))],
      '/tidings.js': ['text/javascript', readFileSync(path.join(library, 'dist/index.js'))],
    });

  test('with the old key the subscription stays, and is uploaded by the first load', async () => {
    deploy(service.vapid.publicKey);
    await tab.reload();
    const { device, label, method, replaces, ...uploaded } = await until(() => uploads[0], { what: 'the upload' });
    assert.equal(method, 'PUT');
    assert.equal(replaces, undefined);
    assert.deepEqual(uploaded, earlier);
    // The server hears of it before the page hears the server.
    await until(async () => (await tab.evaluate('push.getState().subscription')) === 'saved', { what: 'the state' });

    // The browser looks for the new script by itself; what the server sends is still of the old form.
    await tab.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
      const next = registration.installing ?? registration.waiting;
      const active = new Promise((resolve) => next?.addEventListener('statechange', () => next.state === 'activated' && resolve(undefined)));
      // Not for ever: what the worker does is seen by what it shows.
      if (next) await Promise.race([active, new Promise((resolve) => setTimeout(resolve, 5_000))]);
    });
    assert.equal(await service.send(earlier, { heading: 'After', text: 'By Tidings', link: '/there' }), 201);
    const shown = await desktop.waitFor(({ title }) => title === 'After');
    assert.match(shown.body, /By Tidings$/);
    assert.equal((await tab.evaluate(notifications)).filter(({ title }) => title === 'After').length, 1);
  });

  test('with another key it is replaced by the next load, and the server is told of both', async () => {
    const vapid = vapidKeys();
    uploads.length = 0;
    deploy(vapid.publicKey);
    await tab.reload();
    const { endpoint, keys, replaces } = await until(() => uploads[0], { what: 'the upload' });
    assert.notEqual(endpoint, earlier.endpoint);
    assert.deepEqual(replaces, { endpoint: earlier.endpoint, auth: earlier.keys.auth });
    assert.equal(await service.send({ endpoint, keys }, { heading: 'New key', text: '', link: '/' }, { vapid }), 201);
    await desktop.waitFor(({ title }) => title === 'New key');
    assert.equal(await service.send(earlier, { heading: 'Old', text: '', link: '/' }), 410);
  });
});
