// A service worker in Rust, packed by `tidings worker`: examples/rust-worker, with its own page, in real browsers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { tool } from '../../scripts/lib/paths.mjs';
import { BROWSERS, launch } from './lib/browsers.mjs';
import { startNotifications } from './lib/dbus.mjs';
import { Device } from './lib/outbox.mjs';
import { remove, root, runTidings, temporaryFolder } from './lib/processes.mjs';
import { startPushService } from './lib/push-service.mjs';
import { eventually, stays } from './lib/wait.mjs';

const EXAMPLE = path.join(root, 'examples/rust-worker');
const PACKAGE = path.join(root, 'target/npm/unpacked/package/dist');
const ENV = { WASM_BINDGEN: tool('wasm-bindgen'), WASM_OPT: path.join(root, 'node_modules/binaryen/bin/wasm-opt') };
const folder = temporaryFolder('rust-worker');
const SCRIPT = path.join(folder, 'worker.js');

before(
  async () => {
    const packed = await runTidings(['worker', '--manifest-path', EXAMPLE, '--profile', 'wasm', '--out', SCRIPT], { env: ENV, timeout: 400_000 });
    assert.equal(packed.code, 0, packed.stderr);
    assert.match(packed.stdout, /worker\.js: \d+ bytes, \d+ of them WASM/);
  },
  { timeout: 420_000 },
);

test('what hinders packing is named with its remedy', async () => {
  const refusal = async (/** @type {string[]} */ args, env = {}) => {
    const { code, stderr } = await runTidings(['worker', '--out', path.join(folder, 'none.js'), ...args], { env: { ...ENV, ...env } });
    assert.equal(code, 1, stderr);
    return stderr;
  };
  const missing = await refusal(['--manifest-path', EXAMPLE], { WASM_BINDGEN: '/missing/wasm-bindgen' });
  const version = /^name = "wasm-bindgen"\nversion = "(.*)"$/m.exec(readFileSync(path.join(root, 'Cargo.lock'), 'utf8'))?.[1];
  assert.ok(missing.includes(`cargo install wasm-bindgen-cli --version ${version}`), missing);
  assert.match(await refusal(['--wasm', path.join(EXAMPLE, 'README.md')]), /no WASM module/);
  assert.match(await refusal(['--wasm', path.join(root, 'target/npm/cargo/wasm32-unknown-unknown/wasm/tidings_npm.wasm')]), /tidings::export_worker!/);
});

/**
 * The chat's server: the page, the worker, and the two routes that the page calls.
 *
 * @param {string} key
 * @param {string} [policy] of the worker's script
 */
async function serve(key, policy) {
  /** @type {any[]} */
  const subscriptions = [];
  /** What the worker's hooks have posted. @type {{ path: string, body: string, key?: any }[]} */
  const posts = [];
  /** What is answered the first time, by body. @type {Record<string, number>} */
  const statuses = {};
  const file = (/** @type {string} */ type, /** @type {string} */ name) => [type, readFileSync(name)];
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/api/v1/subscriptions' && request.method === 'PUT') {
      let body = '';
      for await (const part of request) body += part;
      subscriptions.push(JSON.parse(body));
      return response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"1"}');
    }
    if (request.method === 'POST' && pathname.startsWith('/api/')) {
      let body = '';
      for await (const part of request) body += part;
      posts.push({ path: pathname, body, key: request.headers['idempotency-key'] });
      return response.writeHead(posts.filter((post) => post.body === body).length > 1 ? 204 : (statuses[body] ?? 204)).end();
    }
    const [type, body] =
      pathname === '/' ? file('text/html', path.join(EXAMPLE, 'www/index.html'))
      : pathname === '/page.js' ? file('text/javascript', path.join(EXAMPLE, 'www/page.js'))
      : pathname === '/tidings/index.js' ? file('text/javascript', path.join(PACKAGE, 'index.js'))
      : pathname === '/tidings/outbox.js' ? file('text/javascript', path.join(PACKAGE, 'outbox.js'))
      : pathname === '/worker.js' ? file('text/javascript', SCRIPT)
      : pathname === '/api/v1/key' ? ['application/json', JSON.stringify({ publicKey: key })]
      : [];
    if (!body) return response.writeHead(404).end();
    const headers = { 'content-type': /** @type {string} */ (type), ...(policy && pathname === '/worker.js' && { 'content-security-policy': policy }) };
    response.writeHead(200, headers).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { server, subscriptions, posts, statuses, origin: `http://localhost:${port}` };
}

for (const name of BROWSERS) {
  describe(`a service worker in Rust in ${name}`, { timeout: 180_000 }, () => {
    /** @type {(() => unknown)[]} */
    const stops = [];
    /** @type {import('./lib/push-service.mjs').PushService} */
    let service;
    /** @type {import('./lib/dbus.mjs').NotificationDaemon} */
    let desktop;
    /** @type {import('./lib/browsers.mjs').TestBrowser} */
    let browser;
    /** @type {Awaited<ReturnType<typeof serve>>} */
    let app;
    /** @type {Awaited<ReturnType<typeof serve>>} the same where WASM is blocked */
    let strict;

    before(async () => {
      service = await startPushService();
      stops.push(() => service.stop());
      desktop = await startNotifications();
      stops.push(() => desktop.stop());
      app = await serve(service.vapid.publicKey);
      strict = await serve(service.vapid.publicKey, "script-src 'self'");
      stops.push(() => {
        for (const { server } of [app, strict]) {
          server.close();
          server.closeAllConnections();
        }
      });
      browser = await launch(name, { wiring: await service.wiring(name), dbusAddress: desktop.address, allow: [app.origin, strict.origin] });
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

    const subscribe = async (at = app) => {
      const page = await browser.open(`${at.origin}/`);
      await page.click('#on');
      await page.waitFor('state.value');
      assert.equal(await page.evaluate('state.value'), 'on');
      const subscription = await eventually(() => at.subscriptions.at(-1));
      return { page, subscription };
    };
    const push = async (/** @type {any} */ subscription, /** @type {unknown} */ message) =>
      assert.equal(await service.send(subscription, message), 201);
    /** The one notification on the screen, whatever comes within half a second. */
    const only = async (/** @type {string} */ title) => {
      const shown = await desktop.waitFor((one) => one.summary === title, 20_000);
      assert.ok(await stays(() => desktop.calls.length === 1), `exactly one: ${JSON.stringify(desktop.calls)}`);
      return shown;
    };
    const message = (/** @type {object | undefined} */ data, body = 'Lunch?') => ({
      web_push: 8030,
      notification: { title: 'New message', body, navigate: '/', data, actions: [{ action: 'mute', title: 'Mute', navigate: '/' }] },
    });
    const closePages = async () => {
      for (const page of await browser.pages()) await page.close();
    };

    test('the Rust hook reads typed data and changes what is shown, and its click arrives', async () => {
      const { page, subscription } = await subscribe();
      await push(subscription, message({ kind: 'message', from: 'Ada', room: 7, unread: 2 }));
      const shown = await only('Ada (2 new)');
      assert.match(shown.body, /Lunch\?$/);
      await page.waitFor(`log.textContent === 'shown: Ada (2 new)' || log.textContent === 'shown: New message'`);
      desktop.click(shown.id);
      const opened = await browser.waitForPage(`${app.origin}/?room=7`);
      await opened.waitFor(`log.textContent === 'clicked: the notification' && room.value === '7'`);
    });

    test('a button goes where the Rust hook says', async () => {
      const { subscription } = await subscribe();
      await closePages();
      await push(subscription, message({ kind: 'call', from: 'Bob', room: 3 }));
      desktop.clickAction((await only('Bob is calling')).id, 'Mute');
      const opened = await browser.waitForPage(`${app.origin}/?room=3&muted`);
      await opened.waitFor(`log.textContent === 'clicked: mute'`);
    });

    test('what the hook cannot read is shown as it came', async () => {
      const { subscription } = await subscribe();
      await push(subscription, 'Only text');
      assert.match((await only('Chat')).body, /Only text$/, 'the title of configure');
      desktop.reset();
      await push(subscription, message({ kind: 'none' }));
      await only('New message');
    });

    test('a hook that panics takes nothing with it: not this notification, not the next, not a click', async () => {
      const { subscription } = await subscribe();
      for (const round of ['first', 'second']) {
        const start = performance.now();
        await push(subscription, message({ kind: 'message', from: 'Ada', room: 7, unread: 0 }, round));
        const shown = await only('New message');
        assert.match(shown.body, new RegExp(`${round}$`));
        assert.ok(performance.now() - start < 4000, 'nobody waits for a hook that has panicked');
        desktop.reset();
        await push(subscription, message({ kind: 'message', from: 'Ada', room: 7, unread: 1 }));
        await only('Ada');
        desktop.reset();
      }
      await closePages();
      await push(subscription, message(undefined));
      desktop.clickAction((await only('New message')).id, 'Mute');
      const opened = await browser.waitForPage(`${app.origin}/`);
      await opened.waitFor(`log.textContent === 'clicked: mute'`);
      desktop.reset();
      await push(subscription, message({ kind: 'call', from: 'Bob', room: 3 }));
      await only('Bob is calling');
    });

    test('a job of the outbox is done by the Rust hook, and tried again with the same id after an error', async () => {
      const { page } = await subscribe();
      app.statuses['busy at first'] = 503;
      app.statuses['never right'] = 422;
      await page.evaluate(() => {
        const { write } = /** @type {any} */ (window);
        for (const text of ['at once', 'busy at first', 'never right']) {
          write.elements.text.value = text;
          write.requestSubmit();
        }
      });
      const of = (/** @type {string} */ body) => app.posts.filter((post) => post.body === body);
      await eventually(() => of('at once').length === 1 && of('busy at first').length === 2 && of('never right').length === 1, { timeout: 20_000, what: 'all jobs at the server' });
      assert.equal(of('at once')[0].path, '/api/rooms/1');
      assert.match(of('at once')[0].key, /^1\d+-[0-9a-f-]{36}$/);
      assert.equal(of('busy at first')[0].key, of('busy at first')[1].key);
      const state = await page.evaluate(async () => {
        const { createOutbox } = await import(/** @type {any} */ ('/tidings/outbox.js'));
        const outbox = createOutbox();
        // Rust cannot read its data.
        await outbox.add({ type: 'say', data: { room: 'none' }, attempts: 1 });
        await outbox.add({ type: 'other', attempts: 1 });
        const end = performance.now() + 10_000;
        while (performance.now() < end) {
          const { pending, failed } = await outbox.flush();
          if (!pending && failed === 3) break;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        const aside = await outbox.entries('failed');
        await outbox.discard();
        outbox.close();
        return aside.map((/** @type {any} */ { job, reason, response }) => [job.type, reason, response.status, response.body]);
      });
      assert.deepEqual(state.slice(0, 1).map((/** @type {any[]} */ one) => one.slice(0, 3)), [['say', 'refused', 422]]);
      assert.deepEqual(state[1].slice(0, 3), ['say', 'attempts', 0]);
      assert.match(state[1][3], /invalid type|expected/, 'with the reason');
      assert.deepEqual(state[2], ['other', 'attempts', 0, 'a job of a page newer than this worker']);
    });

    test('sync and periodic sync reach the Rust hooks', { skip: name !== 'chromium' && 'Firefox has no background sync' }, async () => {
      await subscribe();
      const device = new Device(name, /** @type {any} */ (app));
      device.browser = browser;
      try {
        for (const [kind, path] of /** @type {const} */ ([['Sync', '/api/sync'], ['PeriodicSync', '/api/periodic-sync']])) {
          await device.dispatchSync(`my-${kind}`, false, kind);
          await eventually(() => app.posts.some((post) => post.path === path && post.body === `my-${kind}`), { what: `${path} at the server` });
        }
        // The outbox's own tag is not the app's.
        await device.dispatchSync('tidings-outbox');
        assert.ok(await stays(() => app.posts.filter((post) => post.path === '/api/sync').length === 1, 300));
      } finally {
        remove(device.profile);
      }
    });

    test('a worker that was stopped starts cold, for a push and for a click', async () => {
      const { subscription } = await subscribe();
      await closePages();
      await browser.stopWorkers();
      await push(subscription, message({ kind: 'message', from: 'Eve', room: 9, unread: 1 }));
      const shown = await only('Eve');
      await browser.stopWorkers();
      desktop.click(shown.id);
      await browser.waitForPage(`${app.origin}/?room=9`);
    });

    test('where WASM is blocked, the shim shows the notification and answers the click', async () => {
      const { subscription } = await subscribe(strict);
      await closePages();
      for (let round = 0; round < 2; round++) {
        await push(subscription, message({ kind: 'message', from: 'Ada', room: 7, unread: 2 }));
        desktop.click((await only('New message')).id);
        const opened = await browser.waitForPage(`${strict.origin}/`);
        await opened.waitFor(`log.textContent === 'clicked: the notification'`);
        desktop.reset();
        await closePages();
      }
      await push(subscription, null);
      await only(new URL(strict.origin).host);
    });
  });
}
