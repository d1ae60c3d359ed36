// A small app for the tests of the worker: it serves workers made for one test, logs what they and the pages report,
// and sends any bytes with npm's web-push.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import webpush from 'web-push';
import { BROWSERS as ALL, launch } from './browsers.mjs';
import { startNotifications } from './dbus.mjs';
import { root } from './processes.mjs';
import { startPushService } from './push-service.mjs';
import { eventually, stays } from './wait.mjs';

/** Both browsers, or the one that TIDINGS_BROWSER names. */
export const BROWSERS = ALL.filter((name) => (process.env.TIDINGS_BROWSER ?? name) === name);

/** The package as npm unpacks it. */
export const PACKAGE = path.join(root, 'target/npm/unpacked/package/dist');

/** The shipped worker script. */
export const workerScript = () => readFileSync(path.join(PACKAGE, 'worker.js'), 'utf8');

/**
 * @typedef {object} Answer
 * @property {string} [type]
 * @property {string | Buffer} [body]
 * @property {number} [status]
 * @property {Record<string, string>} [headers]
 *
 * @typedef {{ type: string, [name: string]: any }} Entry what a page or a worker reported, and `at` of performance.now()
 */

/**
 * Runs in a worker before anything else. It reports when a push is over (all that `waitUntil` was given has settled),
 * holds late calls of `waitUntil` to the letter of the specification, and lets `self.report` tell of anything else.
 */
export const PROBE = `
self.report = (type, more = {}) => fetch('/report', { method: 'POST', body: JSON.stringify({ type, ...more }) }).catch(() => {});
self.addEventListener('push', (event) => {
  const keep = event.waitUntil.bind(event);
  const outcomes = [];
  let pending = 1, late = 0, done;
  const settled = (outcome) => { outcomes.push(outcome); if (!--pending) done(); };
  const over = new Promise((resolve) => { done = resolve; });
  keep(over);
  // Outside the event: Chromium counts what is shown when it ends, and the test closes it when it hears of the end.
  over.then(() => setTimeout(() => self.report('push', { scope: registration.scope, late, outcomes: outcomes.filter(Boolean) })));
  event.waitUntil = (promise) => {
    if (!pending) { late++; throw new DOMException('The event is over', 'InvalidStateError'); }
    pending++;
    Promise.resolve(promise).then(() => settled(), (error) => settled(String(error)));
  };
  // As the browser does it: the dispatch itself keeps the event active.
  setTimeout(settled);
});
`;

/** A page that only looks: it registers workers and reads what they have shown. */
const OBSERVER = `<!doctype html><meta charset="utf-8"><title>observer</title><script>
  const registrationOf = (scope) => navigator.serviceWorker.getRegistration(scope);
  async function subscribed(script, scope, key, options) {
    const registration = await navigator.serviceWorker.register(script, { scope, ...options });
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    while (worker.state !== 'activated') {
      if (worker.state === 'redundant') throw new Error(script + ' did not install');
      await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
    }
    return (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
  }
  const MEMBERS = ['title', 'body', 'tag', 'lang', 'dir', 'icon', 'badge', 'image', 'vibrate', 'timestamp', 'renotify', 'silent', 'requireInteraction', 'data', 'navigate'];
  async function shown(scope) {
    const list = await (await registrationOf(scope)).getNotifications();
    // As text: DevTools gives up on what is nested deeply.
    return JSON.stringify(list.map((one) => {
      const members = Object.fromEntries(MEMBERS.filter((name) => name in one).map((name) => [name, one[name]]));
      if ('actions' in one) members.actions = one.actions.map(({ action, title, icon, navigate }) => ({ action, title, icon, navigate }));
      return members;
    }));
  }
  async function clear(scope) {
    for (const one of await (await registrationOf(scope)).getNotifications()) one.close();
  }
</script>`;

/** Starts the app on a free port. The pages and workers that a test adds are under it. */
export async function startApp() {
  const app = new App();
  await app.start();
  return app;
}

export class App {
  /** What pages and workers have reported, in order. @type {Entry[]} */
  entries = [];
  /** Requests that no file answered, as `METHOD /path`. @type {string[]} */
  unanswered = [];
  origin = '';

  /** @type {Map<string, Answer | ((request: http.IncomingMessage, body: string) => Answer | Promise<Answer>)>} */
  #files = new Map();
  #server = http.createServer((request, response) => void this.#answer(request, response));

  constructor() {
    this.add('/observer', { type: 'text/html', body: OBSERVER });
    // Read once: whoever builds the package anew does not change a running test.
    for (const file of ['index.js', 'worker.js']) {
      this.add(`/tidings/${file}`, { type: 'text/javascript', body: readFileSync(path.join(PACKAGE, file), 'utf8') });
    }
  }

  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.origin = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}`;
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /**
   * What `pathname` answers; one that ends with `*` answers all that begin so and that nothing else does.
   *
   * @param {string} pathname
   * @param {Answer | ((request: http.IncomingMessage, body: string) => Answer | Promise<Answer>)} answer
   */
  add(pathname, answer) {
    this.#files.set(pathname, answer);
  }

  /**
   * A worker script at `/w/<name>.js` that may be registered for any scope.
   *
   * @param {string} name
   * @param {string[]} parts the texts that make it
   * @param {Record<string, string>} [headers]
   */
  addWorker(name, parts, headers = {}) {
    const pathname = `/w/${name}.js`;
    this.add(pathname, { type: 'text/javascript', body: parts.join('\n;'), headers: { 'service-worker-allowed': '/', ...headers } });
    return pathname;
  }

  /**
   * Waits for a report.
   *
   * @param {(entry: Entry) => boolean} fits
   * @param {{ since?: number, timeout?: number, what?: string }} [options] `since`: ignore the first so many
   */
  async waitFor(fits, { since = 0, timeout = 10_000, what = `a report like ${fits}` } = {}) {
    return eventually(() => this.entries.slice(since).find(fits), { timeout, every: 10, what });
  }

  /** @param {string} type */
  of(type) {
    return this.entries.filter((entry) => entry.type === type);
  }

  /**
   * @param {http.IncomingMessage} request
   * @param {http.ServerResponse} response
   */
  async #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    /** @type {Answer} */
    let answer = { status: 404 };
    if (pathname === '/report') {
      this.entries.push({ ...JSON.parse(body), at: performance.now() });
      answer = { status: 204 };
    } else {
      const found = this.#files.get(pathname) ?? this.#byPrefix(pathname);
      if (found) answer = typeof found === 'function' ? await found(request, body) : found;
      else this.unanswered.push(`${request.method} ${pathname}`);
    }
    const { status = 200, type = 'text/plain', headers = {} } = answer;
    response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store', ...headers });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  }

  /** @param {string} pathname */
  #byPrefix(pathname) {
    const prefixes = [...this.#files.keys()].filter((key) => key.endsWith('*') && pathname.startsWith(key.slice(0, -1)));
    const longest = prefixes.sort((a, b) => b.length - a.length)[0];
    return longest === undefined ? undefined : this.#files.get(longest);
  }
}

/**
 * All that a test of the worker needs. Stop it in an `after`.
 *
 * @param {import('./browsers.mjs').BrowserName} name
 * @param {(app: App) => void} [prepare] adds what must be there before the browser starts
 */
export async function startStage(name, prepare = () => {}) {
  /** @type {(() => Promise<unknown>)[]} */
  const stops = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const service = await startPushService();
    stops.push(() => service.stop());
    const desktop = await startNotifications();
    stops.push(() => desktop.stop());
    const app = await startApp();
    stops.push(() => app.stop());
    prepare(app);
    const browser = await launch(name, {
      wiring: await service.wiring(name),
      dbusAddress: desktop.address,
      allow: [app.origin],
      // Firefox unsubscribes a site after so many pushes whose notification is gone by the time it looks.
      prefs: name === 'firefox' ? { 'dom.push.maxQuotaPerSubscription': 10_000 } : {},
    });
    stops.push(() => browser.close());
    return new Stage(name, service, desktop, app, browser, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

export class Stage {
  /** @type {import('./browsers.mjs').TestPage | undefined} */
  observer;
  /** @type {Map<string, import('./push-service.mjs').Subscription>} */
  #subscriptions = new Map();

  /**
   * @param {import('./browsers.mjs').BrowserName} name
   * @param {import('./push-service.mjs').PushService} service
   * @param {import('./dbus.mjs').NotificationDaemon} desktop
   * @param {App} app
   * @param {import('./browsers.mjs').TestBrowser} browser
   * @param {() => Promise<void>} stop
   */
  constructor(name, service, desktop, app, browser, stop) {
    this.name = name;
    this.service = service;
    this.desktop = desktop;
    this.app = app;
    this.browser = browser;
    this.stop = stop;
  }

  /**
   * Opens the observer and hides it behind an empty tab: where a page of the site is visible, Chromium does not mind a
   * push without a notification.
   */
  async observe() {
    // Through the push service, since Firefox is ready for push only some time after it has started.
    const url = `${this.app.origin}/observer`;
    // Chromium need not wait, and would for as long as no Firefox comes.
    this.observer = await this.browser.open(this.name === 'firefox' ? `${this.service.url}/open?url=${encodeURIComponent(url)}` : url);
    await this.observer.waitFor(() => typeof (/** @type {any} */ (globalThis).shown) === 'function');
    await this.hide();
    return this.observer;
  }

  /** Puts an empty tab in front of everything. */
  async hide() {
    const front = await this.browser.open('about:blank');
    await front.bringToFront();
    if (this.observer) await this.observer.waitFor(() => document.visibilityState === 'hidden');
    return front;
  }

  /**
   * Registers a worker for its scope and subscribes it.
   *
   * @param {string} script
   * @param {string} scope a path
   * @param {RegistrationOptions} [options]
   */
  async subscribe(script, scope, options = {}) {
    const subscription = await /** @type {any} */ (this.observer).evaluate(
      (/** @type {any[]} */ ...args) => /** @type {any} */ (globalThis).subscribed(...args),
      script, scope, this.service.vapid.publicKey, options,
    );
    this.#subscriptions.set(scope, subscription);
    return subscription;
  }

  /**
   * Pushes to the worker of that scope: text and bytes as they are, null without data, anything else as JSON.
   *
   * @param {string} scope
   * @param {unknown} payload
   */
  async push(scope, payload) {
    const subscription = /** @type {any} */ (this.#subscriptions.get(scope));
    if (!subscription) throw new Error(`nothing is subscribed for ${scope}`);
    const status = Buffer.isBuffer(payload) ? await this.#pushBytes(subscription, payload) : await this.service.send(subscription, payload);
    if (status !== 201) throw new Error(`the push service answered ${status}`);
  }

  /**
   * @param {import('./push-service.mjs').Subscription} subscription
   * @param {Buffer} bytes
   * @returns {Promise<number>}
   */
  async #pushBytes(subscription, bytes) {
    const { vapid } = this.service;
    const details = { vapidDetails: { subject: 'mailto:test@example.com', ...vapid }, TTL: 60 };
    if (subscription.endpoint.startsWith('https:')) {
      return (await webpush.sendNotification(subscription, bytes, { agent: this.service.agent(), ...details })).statusCode;
    }
    const { endpoint, headers, body } = webpush.generateRequestDetails(subscription, bytes, details);
    delete (/** @type {any} */ (headers)['Content-Length']);
    return (await fetch(endpoint, { method: 'POST', headers: /** @type {any} */ (headers), body })).status;
  }

  /**
   * What the browser says is shown for that scope.
   *
   * @param {string} scope
   * @returns {Promise<any[]>}
   */
  async shown(scope) {
    return JSON.parse(await /** @type {any} */ (this.observer).evaluate((/** @type {string} */ scope) => /** @type {any} */ (globalThis).shown(scope), scope));
  }

  /**
   * Closes what is shown, by the site itself: no event follows.
   *
   * @param {string} scope
   */
  async clear(scope) {
    await /** @type {any} */ (this.observer).evaluate((/** @type {string} */ scope) => /** @type {any} */ (globalThis).clear(scope), scope);
    for (const shown of this.desktop.shown()) {
      // A browser that has not got its number yet forgets to close it; the next test starts with an empty screen all the same.
      await this.desktop.waitClosed(shown.id, 1_000).catch(() => this.desktop.close(shown.id));
    }
  }

  /**
   * Pushes, waits until the worker says that the push is over, and expects exactly one notification: in the browser's
   * list and on the desktop. The worker must have the probe.
   *
   * @param {string} scope
   * @param {unknown} payload
   * @param {{ timeout?: number, quiet?: number, keep?: boolean }} [options] `quiet`: how long nothing more may come
   */
  async pushOnce(scope, payload, { timeout = 5_000, quiet = 0, keep = false } = {}) {
    const url = this.app.origin + scope;
    const [calls, since] = [this.desktop.calls.length, this.app.entries.length];
    await this.push(scope, payload);
    const problems = [];
    /** @type {any} */
    let list;
    const end = (/** @type {any} */ entry) => entry.type === 'push' && entry.scope === url;
    const over = await this.app.waitFor(end, { since, timeout }).catch(() => void problems.push(`the push was not over within ${timeout} ms`));
    await this.desktop.waitFor(() => true, 3_000, { since: calls }).catch(() => problems.push('nothing is on the desktop'));
    if (quiet > 0) await stays(() => this.desktop.calls.length === calls + 1, quiet);
    list = await this.shown(scope);
    const seen = this.desktop.calls.slice(calls);
    if (list.length !== 1) problems.push(`the browser lists ${JSON.stringify(list.map((/** @type {any} */ { title }) => title))}`);
    if (seen.length !== 1) problems.push(`the desktop showed ${JSON.stringify(seen.map(({ summary, body }) => `${summary}: ${body}`))}`);
    if (over?.late > 0) problems.push(`waitUntil was called ${over?.late} times after the event was over`);
    const between = this.app.entries.slice(since);
    if (!keep) await this.clear(scope).catch((error) => problems.push(error.message));
    if (problems.length > 0) throw new Error(`not exactly one notification: ${problems.join('; ')}; the event: ${JSON.stringify(over?.outcomes)}`);
    return { listed: list[0], seen: seen[0], entries: between };
  }
}
