// Chromium, driven over a pipe: no port, nothing to connect to but the test.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { start } from './processes.mjs';
import { within } from './wait.mjs';

/** Neither first-run screens nor services of Google, and timers that run in background tabs too. */
const ARGS = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-breakpad',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-features=MediaRouter,OptimizationHints,Translate',
  '--disable-gpu',
  '--disable-quic',
  '--disable-renderer-backgrounding',
  '--disable-search-engine-choice-screen',
  '--disable-sync',
  '--hide-crash-restore-bubble',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
  '--metrics-recording-only',
  '--mute-audio',
  '--no-default-browser-check',
  '--no-first-run',
  '--password-store=basic',
  '--use-mock-keychain',
];

/** What the test decides itself, whatever the wiring says. */
const OURS = /^--(headless|user-data-dir|remote-debugging-\w+)(=|$)/;

/** In the Preferences file. */
const SETTING = { granted: 1, denied: 2 };
/** In the settings page. */
const CHOICE = { granted: 'allow', denied: 'block', default: 'default' };

/**
 * @param {import('./browsers.mjs').LaunchOptions & { profile: string, env: Record<string, string> }} options
 * @returns {Promise<import('./browsers.mjs').Launched>}
 */
export async function launchChromium({ wiring, profile, env, allow = [], deny = [], display, args = [], prefs = {} }) {
  checkNetwork();
  seed(profile, allow, deny, { ...wiring.prefs, ...prefs });
  const wired = wiring.args.filter((arg) => arg.startsWith('--') && !OURS.test(arg));
  const process_ = start(
    wiring.program,
    [
      ...merge([...ARGS, ...wired, ...args]),
      ...(display ? ['--window-position=0,0', '--window-size=1000,800'] : ['--headless=new']),
      // Chromium refuses to run its sandbox as root, which is what a container usually is.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${profile}`,
      '--remote-debugging-pipe',
      'about:blank',
    ],
    { env, stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] },
  );
  try {
    const browser = await within(
      Promise.race([
        puppeteer.connect({
          transport: pipe(process_.child),
          defaultViewport: null,
          // An attached debugger keeps a service worker alive, and starts it paused.
          targetFilter: (target) => target.type() !== 'service_worker',
        }),
        process_.ended.then((how) => Promise.reject(new Error(how))),
      ]),
      30_000,
      'the start of Chromium',
    );
    return {
      puppeteer: browser,
      process: process_,
      stopWorkers: () => stopWorkers(browser),
      setPermission: (origin, state) => setPermission(browser, origin, state),
    };
  } catch (error) {
    await process_.kill().catch(() => {});
    throw new Error(`${wiring.program}: ${/** @type {Error} */ (error).message}; it said:\n${process_.output()}`);
  }
}

/** Where loopback is all there is, Chromium waits for a network before it connects to its push service, for ever. */
function checkNetwork() {
  if (Object.values(os.networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal))) return;
  throw new Error(`this machine has no network interface but loopback, and Chromium gets no push then. A dead end will do:
  ip link add tidings0 type veth peer name tidings1
  ip address add 10.255.255.1/30 dev tidings0
  ip link set tidings0 up && ip link set tidings1 up`);
}

/**
 * Permissions in the profile itself: DevTools' grants end with the browser, and with them the subscription.
 *
 * @param {string} profile
 * @param {string[]} allow
 * @param {string[]} deny
 * @param {Record<string, any>} prefs
 */
function seed(profile, allow, deny, prefs) {
  const file = path.join(profile, 'Default', 'Preferences');
  mkdirSync(path.dirname(file), { recursive: true });
  const preferences = deepMerge(read(file), prefs);
  const notifications = at(preferences, ['profile', 'content_settings', 'exceptions', 'notifications']);
  for (const origin of allow) notifications[`${new URL(origin).origin},*`] = { setting: SETTING.granted };
  for (const origin of deny) notifications[`${new URL(origin).origin},*`] = { setting: SETTING.denied };
  writeFileSync(file, JSON.stringify(preferences));
}

/** @param {string} file */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return {};
    throw error;
  }
}

/**
 * The switches, each once: of two with the same name the later one counts, but lists are joined,
 * where Chromium itself would forget the earlier one.
 *
 * @param {string[]} args
 */
function merge(args) {
  /** @type {Map<string, string>} */
  const byName = new Map();
  for (const arg of args) {
    const [name, value] = arg.split(/=(.*)/s);
    const before = byName.get(name);
    const joined = /^--(en|dis)able-(blink-)?features$/.test(name) && before;
    byName.set(name, joined ? `${before},${value}` : arg);
  }
  return [...byName.values()];
}

/**
 * puppeteer's transport over file descriptors 3 and 4: JSON texts, each ended by a NUL.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @returns {import('puppeteer-core').ConnectionTransport}
 */
function pipe(child) {
  const [, , , to, from] = /** @type {[any, any, any, import('node:stream').Writable, import('node:stream').Readable]} */ (child.stdio);
  /** @type {import('puppeteer-core').ConnectionTransport} */
  const transport = {
    send: (message) => void to.write(`${message}\0`),
    close: () => void to.destroy(),
  };
  let rest = '';
  to.on('error', () => {}); // The browser is gone: `close` on the other descriptor tells.
  from.setEncoding('utf8');
  from.on('error', () => {});
  from.on('close', () => transport.onclose?.());
  from.on('data', (chunk) => {
    const messages = (rest + chunk).split('\0');
    rest = /** @type {string} */ (messages.pop());
    for (const message of messages) setImmediate(() => transport.onmessage?.(message));
  });
  return transport;
}

/** @param {import('puppeteer-core').Browser} browser */
async function stopWorkers(browser) {
  const [page] = await browser.pages();
  const session = await page.createCDPSession();
  try {
    /** @type {Map<string, string>} */
    const running = new Map();
    let changed = () => {};
    session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      for (const { versionId, runningStatus } of versions) running.set(versionId, runningStatus);
      changed();
    });
    await session.send('ServiceWorker.enable'); // reports all versions there are
    const stopped = new Promise((resolve) => {
      changed = () => [...running.values()].every((status) => status === 'stopped') && resolve(undefined);
    });
    await session.send('ServiceWorker.stopAllWorkers');
    changed();
    await within(stopped, 10_000, 'all service workers to stop');
  } finally {
    await session.detach().catch(() => {});
  }
}

/**
 * Through the settings page, as a person does it: DevTools' permissions are only a layer over the real ones.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} origin
 * @param {import('./browsers.mjs').Permission} state
 */
async function setPermission(browser, origin, state) {
  const page = await browser.newPage();
  try {
    await page.goto(`chrome://settings/content/siteDetails?site=${encodeURIComponent(origin)}`);
    await page.evaluate(
      (site, choice) => /** @type {any} */ (globalThis).chrome.send('setOriginPermissions', [site, 'notifications', choice]),
      origin,
      CHOICE[state],
    );
  } finally {
    await page.close();
  }
}

/**
 * @param {Record<string, any>} object
 * @param {string[]} keys
 */
const at = (object, keys) => keys.reduce((inner, key) => (inner[key] ??= {}), object);

/**
 * @param {Record<string, any>} into
 * @param {Record<string, any>} from
 */
function deepMerge(into, from) {
  for (const [key, value] of Object.entries(from)) {
    into[key] = value && typeof value === 'object' && !Array.isArray(value) ? deepMerge(into[key] ?? {}, value) : value;
  }
  return into;
}
