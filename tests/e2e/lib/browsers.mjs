// Real browsers behind one interface: Chromium over CDP, Firefox over WebDriver BiDi, both through puppeteer-core.
import { mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { launchChromium } from './chromium.mjs';
import { launchFirefox } from './firefox.mjs';
import { remove, runTidings, temporaryFolder } from './processes.mjs';
import { eventually } from './wait.mjs';

/** @typedef {'chromium' | 'firefox'} BrowserName */
/** @type {readonly BrowserName[]} */
export const BROWSERS = Object.freeze(['chromium', 'firefox']);

/**
 * What wires a browser to the local push service, as `tidings browser NAME --print` prints it.
 *
 * @typedef {object} Wiring
 * @property {string} program
 * @property {string[]} args
 * @property {Record<string, string>} [env]
 * @property {string} [profile] not used here: the test has its own
 * @property {Record<string, any>} [prefs] Firefox: preferences by name; Chromium: merged into its Preferences file
 *
 * @typedef {object} LaunchOptions
 * @property {Wiring} wiring
 * @property {string} [dbusAddress] of startNotifications(); without it notifications are not shown anywhere
 * @property {string} [profile] a folder that outlives the browser; a new one, removed with it, if absent
 * @property {string[]} [allow] origins that may show notifications, as if the person had said yes before
 * @property {string[]} [deny] origins for which the person said no
 * @property {string} [display] of startScreen(): with windows on it; headless if absent
 * @property {string[]} [args] more arguments
 * @property {Record<string, string>} [env] more environment
 * @property {Record<string, any>} [prefs] more preferences, as in Wiring
 *
 * @typedef {object} Launched what the two browsers' modules give back
 * @property {import('puppeteer-core').Browser} puppeteer
 * @property {import('./processes.mjs').Running} process
 * @property {() => Promise<void>} stopWorkers
 * @property {(origin: string, state: Permission) => Promise<void>} setPermission
 *
 * @typedef {'granted' | 'denied' | 'default'} Permission
 */

/**
 * The wiring of a browser, from the program under test.
 *
 * @param {BrowserName} name
 * @param {string} pushService its address, as `tidings push-service` prints it
 * @param {string[]} [args] more arguments for `tidings browser`
 * @returns {Promise<Wiring>}
 */
export async function wiringOf(name, pushService, args = []) {
  const { code, stdout, stderr } = await runTidings(['browser', name, '--print', '--push-service', pushService, ...args]);
  if (code !== 0) throw new Error(`tidings browser ${name} --print: exit code ${code}\n${stderr}`);
  return JSON.parse(stdout);
}

/**
 * @param {BrowserName} name
 * @param {LaunchOptions} options
 * @returns {Promise<TestBrowser>}
 */
export async function launch(name, options) {
  const own = options.profile === undefined;
  const folder = options.profile ?? temporaryFolder(name);
  const home = path.join(folder, 'home');
  const profile = path.join(folder, 'profile');
  mkdirSync(home, { recursive: true });
  mkdirSync(profile, { recursive: true });

  const { wiring, display } = options;
  // Nothing of the person who runs the tests: no keys, no proxies, no desktop.
  const env = {
    PATH: process.env.PATH ?? '',
    LANG: 'C.UTF-8',
    TMPDIR: os.tmpdir(),
    ...wiring.env,
    HOME: home,
    // An address nobody listens on, not an absent one: libdbus would go looking for the desktop's.
    DBUS_SESSION_BUS_ADDRESS: options.dbusAddress ?? `unix:path=${path.join(home, 'no-bus')}`,
    ...options.env,
  };
  for (const name of ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR']) delete (/** @type {any} */ (env)[name]);
  if (display) Object.assign(env, { DISPLAY: display });
  const start = { chromium: launchChromium, firefox: launchFirefox }[name];
  try {
    return new TestBrowser(name, await start({ ...options, profile, env }), own ? folder : undefined);
  } catch (error) {
    if (own) remove(folder);
    throw error;
  }
}

export class TestBrowser {
  /** What the pages said on their consoles and threw, for the failure message. @type {string[]} */
  messages = [];

  #launched;
  #folder;
  /** The browser's first, empty tab: it keeps the browser alive when a test closes all its pages. */
  #keeper;
  /** @type {WeakMap<import('puppeteer-core').Page, TestPage>} */
  #known = new WeakMap();

  /**
   * @param {BrowserName} name
   * @param {Launched} launched
   * @param {string | undefined} folder to remove at the end
   */
  constructor(name, launched, folder) {
    this.name = name;
    this.#launched = launched;
    this.#folder = folder;
    this.#keeper = launched.puppeteer.pages().then((pages) => pages[0]);
    this.#keeper.catch(() => {});
  }

  get puppeteer() {
    return this.#launched.puppeteer;
  }

  get pid() {
    return this.#launched.process.pid;
  }

  /** The end of what the browser's process said. */
  output() {
    return this.#launched.process.output();
  }

  /**
   * Opens `url` in a new tab, in front.
   *
   * @param {string} url
   */
  async open(url) {
    await this.#keeper;
    const page = this.#page(await this.puppeteer.newPage());
    await page.goto(url);
    return page;
  }

  /** All pages but the empty first tab, also those that `clients.openWindow` opened. */
  async pages() {
    const keeper = await this.#keeper;
    return (await this.puppeteer.pages()).filter((page) => page !== keeper).map((page) => this.#page(page));
  }

  /**
   * The first page whose address fits, open already or within `ms`.
   *
   * @param {string | RegExp | ((url: string) => boolean)} url
   * @param {number} [ms]
   * @returns {Promise<TestPage>}
   */
  async waitForPage(url, ms = 10_000) {
    const fits = typeof url === 'function' ? url : (/** @type {string} */ one) => (typeof url === 'string' ? one === url : url.test(one));
    return eventually(async () => (await this.pages()).find((page) => fits(page.url())), {
      timeout: ms,
      what: `a page at ${url} in ${this.name}`,
    });
  }

  /** Stops all service workers, and comes back when none runs. The next event starts them again. */
  async stopWorkers() {
    await this.#launched.stopWorkers();
  }

  /**
   * As if the person had changed the site's setting: real, and kept over a restart.
   *
   * @param {string} origin
   * @param {Permission} state
   */
  async setPermission(origin, state) {
    await this.#launched.setPermission(origin, state);
  }

  /** Ends the browser the way a person does, so that it saves what it has to. */
  async close() {
    await this.puppeteer.close().catch(() => {});
    await this.#launched.process.stop(this.#launched.process.child.exitCode === null ? 10_000 : 0);
    this.#cleanUp();
  }

  /** Ends the browser the way a power cut does. */
  async kill() {
    await this.#launched.process.kill();
    await this.puppeteer.disconnect().catch(() => {});
    this.#cleanUp();
  }

  #cleanUp() {
    if (this.#folder) remove(this.#folder);
  }

  /** @param {import('puppeteer-core').Page} page */
  #page(page) {
    let known = this.#known.get(page);
    if (!known) {
      known = new TestPage(page);
      this.#known.set(page, known);
      page.on('console', (message) => this.#say(`${message.type()}: ${message.text()} ${message.location()?.url ?? ''}`.trim()));
      page.on('pageerror', (error) => this.#say(`error: ${error instanceof Error ? (error.stack ?? error.message) : error}`));
    }
    return known;
  }

  /** @param {string} message */
  #say(message) {
    this.messages.push(message);
  }
}

export class TestPage {
  /** @param {import('puppeteer-core').Page} page */
  constructor(page) {
    this.puppeteer = page;
  }

  url() {
    return this.puppeteer.url();
  }

  /** @param {string} url */
  async goto(url) {
    await this.puppeteer.goto(url, { waitUntil: 'load', timeout: 20_000 });
  }

  async reload() {
    await this.puppeteer.reload({ waitUntil: 'load', timeout: 20_000 });
  }

  /**
   * Runs `fn` in the page, as if the person had just touched it.
   *
   * @template T
   * @param {string | ((...args: any[]) => T)} fn
   * @param {any[]} args
   * @returns {Promise<Awaited<T>>}
   */
  async evaluate(fn, ...args) {
    return /** @type {any} */ (this.puppeteer.evaluate(/** @type {any} */ (fn), ...args));
  }

  /**
   * A real click, once the element is there.
   *
   * @param {string} selector
   * @param {number} [ms]
   */
  async click(selector, ms = 10_000) {
    await this.puppeteer.bringToFront();
    const element = await this.puppeteer.waitForSelector(selector, { visible: true, timeout: ms });
    await element?.click();
  }

  /**
   * Puts `text` into a field, in place of what is there.
   *
   * @param {string} selector
   * @param {string} text
   */
  async fill(selector, text) {
    await this.puppeteer.bringToFront();
    await this.puppeteer.locator(selector).setTimeout(10_000).fill(text);
  }

  /** @param {string} selector */
  async text(selector) {
    return this.puppeteer.$eval(selector, (element) => element.textContent ?? '');
  }

  /**
   * Waits until `fn` gives something truthy in the page, also across navigations, and returns that.
   *
   * @template T
   * @param {string | ((...args: any[]) => T)} fn
   * @param {number} [ms]
   * @param {any[]} args
   */
  async waitFor(fn, ms = 10_000, ...args) {
    return eventually(() => this.evaluate(fn, ...args), { timeout: ms, what: `in ${this.url()}: ${fn}` });
  }

  async bringToFront() {
    await this.puppeteer.bringToFront();
  }

  async close() {
    await this.puppeteer.close();
  }
}
