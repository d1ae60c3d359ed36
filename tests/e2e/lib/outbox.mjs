// What the tests of the outbox share: a server that misbehaves by script, and an app whose page and worker use it.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PACKAGE, workerScript } from './app.mjs';
import { launch } from './browsers.mjs';
import { startNotifications } from './dbus.mjs';
import { temporaryFolder, remove } from './processes.mjs';
import { startPushService } from './push-service.mjs';

/** @typedef {'ok' | 'error' | 'later' | 'many' | 'reset' | 'lost' | 'hang' | 'refused'} Mood how the server takes a request */

/** The page of the app; it also works from the worker's cache. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>outbox</title><script type="module">
  import { createOutbox, OutboxError, registerSync, syncTags, unregisterPeriodicSync } from '/tidings/outbox.js';
  Object.assign(window, { createOutbox, OutboxError, registerSync, syncTags, unregisterPeriodicSync, events: [] });
  if (!location.search.includes('plain')) await navigator.serviceWorker.register('/sw.js');
  if (!location.search.includes('bare')) {
    window.outbox = createOutbox();
    outbox.on((event) => events.push(event));
  }
  window.ready = true;
</script>`;

/** Before the worker script: jobs go to the same server, and the app's files come from the cache where they are there. */
const BEFORE = `
self.TIDINGS = {
  onJob: ({ id, data }, signal) => fetch('/apply/' + data.n, { method: 'POST', signal, headers: { 'idempotency-key': id }, body: 'job' }),
  onSync: (tag) => fetch('/note', { method: 'POST', body: 'sync ' + tag }),
  onPeriodicSync: (tag) => fetch('/note', { method: 'POST', body: 'periodicsync ' + tag }),
  onError: (error, context) => fetch('/note', { method: 'POST', body: 'error ' + context + ' ' + error }).catch(() => {}),
};
self.addEventListener('install', (event) => event.waitUntil(caches.open('app').then((cache) => cache.addAll(['/', '/tidings/outbox.js']))));
self.addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== 'GET' || (pathname !== '/' && pathname !== '/tidings/outbox.js')) return;
  event.respondWith(fetch(event.request).catch(() => caches.match(pathname)));
});
`;

/** A server that applies each key once, when it is in the mood. */
export class Server {
  /** What was applied: the key, and how often it came again after that. @type {Map<string, { path: string, repeats: number, body: Buffer, headers: http.IncomingHttpHeaders }>} */
  applied = new Map();
  /** The keys that were answered with 400. @type {Set<string>} */
  refused = new Set();
  /** The keys in the order of their requests. @type {{ key: string, path: string, mood: Mood, at: number }[]} */
  requests = [];
  /** How often a key came while the same key was still being answered. */
  overlaps = 0;
  /** The most requests at the same time. */
  most = 0;
  /** What the worker's hooks say. @type {string[]} */
  notes = [];
  /** @type {(path: string, key: string) => Mood} */
  mood = () => 'ok';
  /** How long each answer takes, in milliseconds. */
  delay = 0;
  /** Put before the worker script. */
  before = BEFORE;
  /** A worker script in place of ours. @type {string | undefined} */
  worker;

  /** @type {Map<string, number>} */
  #open = new Map();
  /** @type {http.Server} */
  #server;
  #port = 0;
  #files = { '/tidings/outbox.js': readFileSync(path.join(PACKAGE, 'outbox.js')), '/worker': workerScript() };

  get origin() {
    return `http://localhost:${this.#port}`;
  }

  async start() {
    this.#server = http.createServer((request, response) => void this.#answer(request, response).catch(() => response.destroy()));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
    return this;
  }

  /** As if the network were cut: nobody is there, and whatever was under way is broken off. */
  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close').catch(() => {});
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  async #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    if (pathname.startsWith('/apply/')) return this.#apply(pathname, request, response);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (pathname === '/note') {
      this.notes.push(String(Buffer.concat(chunks)));
      return void response.writeHead(204).end();
    }
    const [type, body] =
      pathname === '/' ? ['text/html', PAGE]
      : pathname === '/sw.js' ? ['text/javascript', this.worker ?? `${this.before}\n;${this.#files['/worker']}`]
      : pathname === '/tidings/outbox.js' ? ['text/javascript', this.#files[pathname]]
      : [];
    if (!type) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  }

  /** @param {string} pathname @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  async #apply(pathname, request, response) {
    const key = String(request.headers['idempotency-key']);
    const open = this.#open.get(key) ?? 0;
    if (open > 0) this.overlaps += 1;
    this.#open.set(key, open + 1);
    this.most = Math.max(this.most, [...this.#open.values()].reduce((sum, count) => sum + count, 0));
    response.once('close', () => {
      const left = (this.#open.get(key) ?? 1) - 1;
      if (left > 0) this.#open.set(key, left);
      else this.#open.delete(key);
    });
    const known = this.applied.get(key);
    const mood = known ? 'ok' : this.mood(pathname, key);
    this.requests.push({ key, path: pathname, mood, at: Date.now() });
    if (mood === 'reset') return void request.socket.destroy();
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (this.delay) await delay(this.delay);
    if (mood === 'ok' || mood === 'lost') {
      // Like any server that knows idempotency keys: the second time it says what it said the first time.
      if (known) known.repeats += 1;
      else this.applied.set(key, { path: pathname, repeats: 0, body: Buffer.concat(chunks), headers: request.headers });
      if (mood === 'lost') return void request.socket.destroy();
      return void response.writeHead(201, { 'content-type': 'text/plain', 'x-answer': 'yes' }).end(`applied ${pathname}`);
    }
    if (mood === 'hang') return;
    if (mood === 'refused') this.refused.add(key);
    const status = { error: 500, later: 503, many: 429, refused: 400 }[mood];
    response.writeHead(status, mood === 'later' ? { 'retry-after': '1' } : {}).end(`no: ${mood}`);
  }
}

/** A browser of the test's own, with a profile that outlives it. */
export class Device {
  /** @type {import('./browsers.mjs').TestBrowser} */
  browser;
  profile;

  /** @param {import('./browsers.mjs').BrowserName} name @param {Server} server @param {Partial<import('./browsers.mjs').LaunchOptions>} [options] */
  constructor(name, server, options = {}) {
    this.name = name;
    this.server = server;
    this.options = options;
    this.profile = temporaryFolder(name);
  }

  /** @param {import('./push-service.mjs').PushService} service */
  async start(service) {
    this.service = service;
    this.wiring = await service.wiring(this.name);
    await this.launch();
    return this;
  }

  async launch() {
    this.browser = await launch(this.name, { wiring: this.wiring, profile: this.profile, allow: [this.server.origin], ...this.options });
  }

  /** Opens the app, and waits until its worker is there. */
  async open(search = '') {
    const page = await this.browser.open(`${this.server.origin}/${search}`);
    await page.waitFor('window.ready === true', 20_000);
    if (!search.includes('plain')) await page.waitFor('navigator.serviceWorker.ready.then(() => true)', 20_000);
    return page;
  }

  /** SIGKILL, and a new start with the same profile. */
  async crash() {
    await this.browser.kill();
    await this.launch();
  }

  async stop() {
    await this.browser?.close();
    remove(this.profile);
  }

  /**
   * Chromium's `sync` event, as the browser fires it when there is a network.
   *
   * @param {string} tag
   * @param {boolean} [lastChance]
   * @param {'Sync' | 'PeriodicSync'} [kind]
   */
  async dispatchSync(tag, lastChance = false, kind = 'Sync') {
    const [page] = await this.browser.puppeteer.pages();
    const session = await page.createCDPSession();
    try {
      const found = new Promise((resolve) => {
        session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
          const ours = registrations.find(({ scopeURL }) => scopeURL.startsWith(this.server.origin));
          if (ours) resolve(ours.registrationId);
        });
      });
      await session.send('ServiceWorker.enable');
      const about = { origin: this.server.origin, registrationId: await found, tag };
      if (kind === 'Sync') await session.send('ServiceWorker.dispatchSyncEvent', { ...about, lastChance });
      else await session.send('ServiceWorker.dispatchPeriodicSyncEvent', about);
    } finally {
      await session.detach().catch(() => {});
    }
  }
}

/**
 * A server, a push service and a browser for one test file.
 *
 * @param {import('./browsers.mjs').BrowserName} name
 * @param {Partial<import('./browsers.mjs').LaunchOptions>} [options]
 */
export async function startOutbox(name, options) {
  const server = await new Server().start();
  const service = await startPushService();
  // Firefox runs nothing after a push that it could not show.
  const desktop = await startNotifications();
  const device = await new Device(name, server, { dbusAddress: desktop.address, ...options }).start(service);
  return {
    server, service, device, desktop,
    async stop() {
      await device.stop();
      await desktop.stop();
      await service.stop();
      await server.stop();
    },
  };
}
