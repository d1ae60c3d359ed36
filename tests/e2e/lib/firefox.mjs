// Firefox, driven over WebDriver BiDi. puppeteer only connects: its launcher puts an old prefs.js back at the end,
// and Firefox keeps there who it is for the push service.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import puppeteer from 'puppeteer-core';
import { line, start } from './processes.mjs';
import { within } from './wait.mjs';

const PREFS = {
  // Remote control turns push off unless the preference is set, even to its default.
  'dom.push.connection.enabled': true,
  // Remote control's imitation of focus never leaves the page's process: `client.focus()` would not bring its tab to the front.
  'focusmanager.testmode': false,
  // Notifications over D-Bus, where the test sees and clicks them.
  'alerts.useSystemBackend': true,
  'dom.webnotifications.actions.enabled': true,
  'dom.webnotifications.requireinteraction.enabled': true,
  // Reconnect soon after the push service was away.
  'dom.push.retryBaseInterval': 200,
  // No first-run pages, no restored tabs, no calls home.
  'app.update.disabledForTesting': true,
  'browser.sessionstore.resume_from_crash': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage': 'about:blank',
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.startup.page': 0,
  'browser.newtabpage.enabled': false,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionPolicyBypassNotification': true,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.startup.max_resumed_crashes': -1,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};

const ENV = {
  MOZ_CRASHREPORTER_DISABLE: '1',
  // Lets `services.settings.server` count in release builds.
  MOZ_REMOTE_SETTINGS_DEVTOOLS: '1',
};

/**
 * @param {import('./browsers.mjs').LaunchOptions & { profile: string, env: Record<string, string> }} options
 * @returns {Promise<import('./browsers.mjs').Launched>}
 */
export async function launchFirefox({ wiring, profile, env, allow = [], deny = [], display, args = [], prefs = {} }) {
  const all = { ...PREFS, ...wiring.prefs, 'alerts.useSystemBackend': true, ...prefs };
  writeFileSync(
    path.join(profile, 'user.js'),
    Object.entries(all)
      .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
      .join(''),
  );
  const process_ = start(
    wiring.program,
    [
      ...withoutOurs(wiring.args),
      ...args,
      '--profile',
      profile,
      '--no-remote',
      ...(display ? ['--width', '1000', '--height', '800'] : ['--headless']),
      '--remote-debugging-port=0',
      '--remote-allow-system-access', // to stop service workers
      'about:blank',
    ],
    { env: { ...ENV, ...env } },
  );
  try {
    const [, address] = await line(process_, /^WebDriver BiDi listening on (ws:\S+)/, { stream: 'stderr', name: 'Firefox' });
    const browser = await within(
      puppeteer.connect({ browserWSEndpoint: `${address}/session`, protocol: 'webDriverBiDi', defaultViewport: null }),
      30_000,
      'a session with Firefox',
    );
    for (const origin of allow) await setPermission(browser, origin, 'granted');
    for (const origin of deny) await setPermission(browser, origin, 'denied');
    return {
      puppeteer: browser,
      process: process_,
      stopWorkers: () => stopWorkers(browser),
      setPermission: (origin, state) => setPermission(browser, origin, state),
    };
  } catch (error) {
    await process_.kill().catch(() => {});
    throw new Error(`${wiring.program}: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * The wiring's arguments without those that the test decides itself.
 *
 * @param {string[]} args
 */
function withoutOurs(args) {
  const kept = [];
  for (let i = 0; i < args.length; i++) {
    if (/^--?profile$/.test(args[i])) i++;
    else if (!/^--?(headless|no-remote|remote-debugging-port(=.*)?)$/.test(args[i]) && args[i].startsWith('-')) kept.push(args[i]);
  }
  return kept;
}

/**
 * Kept in the profile like the person's own choice.
 *
 * @param {import('puppeteer-core').Browser} browser
 * @param {string} origin
 * @param {import('./browsers.mjs').Permission} state
 */
async function setPermission(browser, origin, state) {
  await browser.defaultBrowserContext().setPermission(new URL(origin).origin, {
    permission: { name: 'notifications' },
    state: state === 'default' ? 'prompt' : state,
  });
}

/** @param {import('puppeteer-core').Browser} browser */
async function stopWorkers(browser) {
  await chrome(browser, async () => {
    const { Cc, Ci } = /** @type {any} */ (globalThis);
    const manager = Cc['@mozilla.org/serviceworkers/manager;1'].getService(Ci.nsIServiceWorkerManager);
    const registrations = manager.getAllRegistrations();
    const workers = [];
    for (let i = 0; i < registrations.length; i++) {
      const info = registrations.queryElementAt(i, Ci.nsIServiceWorkerRegistrationInfo);
      workers.push(...[info.installingWorker, info.waitingWorker, info.activeWorker].filter(Boolean));
    }
    await Promise.all(workers.map((worker) => worker.terminateWorker()));
    return workers.length;
  });
}

/**
 * Runs `fn` in the browser's own window, with its privileges.
 *
 * @template T
 * @param {import('puppeteer-core').Browser} browser
 * @param {() => T} fn
 * @returns {Promise<any>} plain values only
 */
export async function chrome(browser, fn) {
  // puppeteer knows content only; its connection carries the rest of the protocol as well.
  const { connection } = /** @type {any} */ (browser);
  const tree = await connection.send('browsingContext.getTree', { maxDepth: 0, 'moz:scope': 'chrome' });
  const { result } = await connection.send('script.callFunction', {
    functionDeclaration: String(fn),
    target: { context: tree.result.contexts[0].context },
    awaitPromise: true,
  });
  if (result.type !== 'success') throw new Error(`in Firefox: ${result.exceptionDetails.text}`);
  return result.result.value;
}
