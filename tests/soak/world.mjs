// One browser with a small app in it, and all that it needs: a desktop, a push service, an application server, a network
// between them, and a clock.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { launch, wiringOf } from '../e2e/lib/browsers.mjs';
import { chrome } from '../e2e/lib/firefox.mjs';
import { startNotifications } from '../e2e/lib/dbus.mjs';
import { freePort, remove, startTidings, temporaryFolder } from '../e2e/lib/processes.mjs';
import { within } from '../e2e/lib/wait.mjs';
import { Clock } from './clock.mjs';
import { Gate } from './gate.mjs';
import { Ledger } from './ledger.mjs';
import { Site } from './site.mjs';

const ADD = (/** @type {number} */ from, /** @type {number} */ count) => {
  const { outbox } = /** @type {any} */ (window);
  return Promise.all(Array.from({ length: count }, (_, i) => outbox.fetch(`/apply/${from + i}`, {
    method: 'POST', body: `entry ${from + i}`, timeout: 2000, ...(i % 3 === 2 && { queue: 'strict', strict: true }),
  }))).then(async (entries) => ((await outbox.state()).storage === 'disk' ? entries.map(({ id }) => id) : undefined));
};

const ENDPOINT = 'navigator.serviceWorker.getRegistration().then((one) => one?.pushManager.getSubscription()).then((one) => one?.endpoint ?? "")';

/** Of all subscriptions in Firefox's own list. */
const ENDPOINTS = async () => {
  const { PushService } = /** @type {any} */ (globalThis).ChromeUtils.importESModule('resource://gre/modules/PushService.sys.mjs');
  return (await PushService._db.getAllKeyIDs()).map((/** @type {any} */ { pushEndpoint }) => pushEndpoint).join(' ');
};

/** Who Firefox is for the push service. */
const IDENTITY = async () => /** @type {any} */ (globalThis).Services.prefs.getStringPref('dom.push.userAgentID', '');

const idOf = (/** @type {string} */ endpoint) => endpoint && createHash('sha256').update(endpoint).digest('base64url');

export class World {
  /** @type {import('../e2e/lib/browsers.mjs').TestBrowser} */
  browser;
  /** @type {import('../e2e/lib/browsers.mjs').TestPage | undefined} */
  page;
  /** How the server calls the browser's subscription; empty: there is none. */
  id = '';
  #endpoint = '';
  #service;
  /** When it was last made sure that there is a subscription. */
  healed = 0;
  #fresh = false;
  #numbered = 0;
  #queued = 0;
  /** @type {(() => unknown)[]} */
  #stops = [];

  /** @param {import('../e2e/lib/browsers.mjs').BrowserName} name @param {() => number} chance @param {(line: string) => void} log */
  constructor(name, chance, log) {
    this.name = name;
    this.chance = chance;
    this.log = log;
  }

  async start() {
    const folder = temporaryFolder(`soak-${this.name}`);
    this.#stops.push(() => remove(folder));
    this.clock = new Clock(folder);
    this.#stops.push(() => this.clock.stop());
    const [plain, tls] = [await freePort(), await freePort()];
    this.url = `http://127.0.0.1:${plain}`;
    this.service = ['push-service', '--address', `127.0.0.1:${plain}`, '--tls-address', `127.0.0.1:${tls}`, '--state', path.join(folder, 'push-service/state')];
    await this.startService();
    this.#stops.push(() => this.#service.stop());
    this.site = new Site(this.url, path.join(folder, 'data'), this.clock.env);
    this.#stops.push(() => this.site.stop());
    const [desktop] = await Promise.all([startNotifications(), this.site.start()]);
    this.desktop = desktop;
    this.#stops.push(() => desktop.stop());
    this.ledger = new Ledger(/** @type {any} */ (this));

    // The browser reaches the push service through gates, too.
    this.gates = [this.site.gate, await new Gate(plain).open(), await new Gate(tls).open()];
    this.#stops.push(() => Promise.all(this.gates.map((gate) => gate.refuse())));
    let wiring = JSON.stringify(await wiringOf(this.name, this.url));
    for (const [port, gate] of [[plain, this.gates[1]], [tls, this.gates[2]]]) wiring = wiring.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${/** @type {Gate} */ (gate).port}`);
    this.launch = {
      wiring: JSON.parse(wiring), dbusAddress: desktop.address, profile: path.join(folder, 'browser'), allow: [this.site.origin], env: this.clock.env,
      prefs: this.name === 'firefox' ? { 'dom.push.maxQuotaPerSubscription': 100_000 } : {},
    };
    await this.startBrowser();
    this.#stops.push(() => this.browser.close());
    await this.heal();
    return this;
  }

  async startBrowser() {
    this.page = undefined;
    this.#fresh = true;
    // A Firefox crashed at its start once, right after another was killed; who uses it starts it again. Anything else is a failure.
    this.browser = await launch(this.name, this.launch).catch((error) => {
      if (!/ended by SIGSEGV/.test(error.message)) throw error;
      this.log(`started once more: ${error.message.split('\n')[0]}`);
      return launch(this.name, this.launch);
    });
  }

  async startService() {
    this.#service = await startTidings(this.service, { ready: /(http:\/\/\S+)\/about/, env: this.clock.env });
  }

  async killService() {
    await this.#service.kill();
  }

  /** Opens the app in place of the page there is. */
  async open() {
    await this.page?.close().catch(() => {});
    const url = `${this.site.origin}/`;
    // A Firefox that has just started is not ready for push.
    const first = this.#fresh && this.name === 'firefox';
    this.#fresh = false;
    this.page = await this.browser.open(first ? `http://127.0.0.1:${this.gates[1].port}/open?url=${encodeURIComponent(url)}` : url);
    await this.page.waitFor('window.ready === true', 30_000);
    return this.page;
  }

  /** The app, open. */
  get app() {
    return /** @type {import('../e2e/lib/browsers.mjs').TestPage} */ (this.page);
  }

  /** The app is opened and subscribed, and its server can send to it. */
  async heal() {
    for (let tries = 0; ; tries++) {
      await this.open();
      const said = await this.app.evaluate('push.subscribe().then(() => "ok", ({ code, cause }) => `${code} ${cause} ${JSON.stringify(push.state)}`)');
      if (said !== 'ok') this.log(`not subscribed: ${said}`);
      await this.look();
      if (this.id && (await this.site.api('GET', `/subscriptions/${this.id}`)).status === 200 && (await this.send())) {
        this.healed = performance.now();
        return;
      }
      if (tries > 4) return this.ledger.note(`no subscription that works again: ${said}`);
      await delay(300);
    }
  }

  /** The browser may have ended its subscription, and the worker made another. */
  async look() {
    this.#endpoint = (await this.app.evaluate(ENDPOINT)) || this.#endpoint;
    this.id = idOf(this.#endpoint);
  }

  /** What the push service knows. @returns {Promise<{ connected: boolean, alive: Set<string>, waiting: Set<string> }>} */
  async state() {
    /** @type {{ devices: { connected: boolean, messages: string[], channels: { token: string }[] }[] }} */
    const { devices } = await (await fetch(`${this.url}/control/state`)).json();
    const tokens = devices.flatMap(({ channels }) => channels.map(({ token }) => token));
    const alive = new Set(tokens.map((token) => idOf(this.#endpoint.replace(/[^/]*$/, token))));
    return { connected: devices.some(({ connected }) => connected), alive, waiting: new Set(devices.flatMap(({ messages }) => messages)) };
  }

  /** The subscriptions that both the push service and the browser have. */
  async alive() {
    const { alive } = await this.state();
    if (this.name !== 'firefox') return alive;
    // What it drops while it is cut off from the push service, it never tells it.
    const own = new Set((await chrome(this.browser.puppeteer, ENDPOINTS)).split(' ').map(idOf));
    for (const id of alive) {
      if (own.has(id)) continue;
      alive.delete(id);
      this.ledger.orphans.add(id);
    }
    return alive;
  }

  /** Who the browser is for the push service; Chromium keeps that with its subscriptions. */
  async identity() {
    return this.name === 'firefox' ? chrome(this.browser.puppeteer, IDENTITY) : '';
  }

  /** Asks for a message; whether it was accepted. @param {number} [ttl] in seconds */
  async send(ttl = this.chance() < 0.15 ? 0 : this.chance() < 0.5 ? 600 : 28 * 86_400) {
    const title = `m${++this.#numbered}`;
    /** @type {import('./ledger.mjs').Message} */
    const message = { accepted: false, until: ttl > 0 ? this.clock.now() + ttl * 1000 : undefined };
    this.ledger.messages.set(title, message);
    const body = { message: { web_push: 8030, notification: { title, navigate: `${this.site.origin}/` } }, ttl };
    const answer = await this.site.api('POST', `/subscriptions/${this.id}/messages`, body).catch(() => ({ status: 0, body: undefined }));
    message.accepted = answer.status === 200;
    message.id = answer.body?.location?.split('/').at(-1);
    return message.accepted;
  }

  /** Lets the app queue something. */
  async queue(count = 1 + Math.trunc(this.chance() * 4)) {
    const from = this.#queued;
    this.#queued += count;
    const ids = await within(this.app.evaluate(ADD, from, count), 20_000, 'the page to queue').catch((error) => {
      this.log(`not queued: ${error.message}`);
      return [];
    });
    // The page says so itself: what is only in its memory is lost with it.
    if (!ids) this.ledger.unstored += count;
    for (const id of ids ?? []) this.ledger.stored.add(id);
  }

  async stop() {
    for (const stop of this.#stops.reverse()) await Promise.resolve(stop()).catch(() => {});
  }
}
