// How a browser is started so that its push service is the local one: the same wiring, in the words of each driver.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Desktop } from './desktop';

/** A browser that can be led to the local push service. */
export type BrowserName = 'chromium' | 'firefox';

/** How a browser is started. */
export interface BrowserOptions {
  /** Origins that may show notifications without asking, as `http://localhost:3000`. In Firefox any lets all sites. */
  allow?: string[];
  /** Where notifications are seen and clicked. Without it they are shown nowhere. */
  desktop?: Desktop;
  /** Default: true. */
  headless?: boolean;
  /** The browser's program. Default: the one that `tidings browser` finds. */
  program?: string;
}

/** What `puppeteer.launch` takes. */
export interface PuppeteerLaunch {
  browser: 'chrome' | 'firefox';
  executablePath: string;
  args: string[];
  env: Record<string, string>;
  headless: boolean;
  pipe?: boolean;
  userDataDir?: string;
  extraPrefsFirefox?: Record<string, string | number | boolean>;
  /** Leaves service workers alone: with a debugger attached they would not stop by themselves. */
  targetFilter?: (target: any) => boolean;
}

/** For a WebDriver session. */
export interface SeleniumLaunch {
  capabilities: Record<string, unknown>;
  /** Chromium gets its environment from ChromeDriver: start that in this one. */
  env: Record<string, string>;
}

/** For `child_process.spawn`. */
export interface PlainLaunch {
  program: string;
  args: string[];
  env: Record<string, string>;
  /** The profile's folder; `service.stop()` removes it. */
  profile: string;
}

/** What `tidings browser NAME --print` prints. */
export interface Wiring {
  program: string;
  args: string[];
  env: Record<string, string>;
  prefs: Record<string, any>;
}

/** For Firefox under remote control, besides the wiring. */
const FIREFOX = {
  // Remote control's imitation of focus never leaves the page's process: `client.focus()` would not bring its tab to the front.
  'focusmanager.testmode': false,
  'dom.webnotifications.actions.enabled': true,
  'dom.webnotifications.requireinteraction.enabled': true,
};

type Removals = (() => void)[];

/** A profile that is removed later, and an environment without anything of the person who runs the test. */
function prepare(name: BrowserName, wiring: Wiring, { desktop, headless = true }: BrowserOptions, removals: Removals) {
  const folder = mkdtempSync(join(tmpdir(), `tidings-${name}-`));
  removals.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  const [home, profile] = [join(folder, 'home'), join(folder, 'profile')];
  for (const one of [home, profile]) mkdirSync(one);
  const env: Record<string, string> = { ...wiring.env, HOME: home };
  // An address nobody listens on, not an absent one: libdbus would go looking for the person's desktop.
  env.DBUS_SESSION_BUS_ADDRESS = desktop?.address ?? `unix:path=${join(home, 'no-bus')}`;
  for (const display of ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR']) {
    const value = process.env[display];
    if (headless) delete env[display];
    else if (value) env[display] = value;
  }
  const prefs = name === 'firefox' ? { ...wiring.prefs, ...FIREFOX, 'alerts.useSystemBackend': desktop !== undefined } : wiring.prefs;
  if (name === 'chromium') {
    // Permissions in the profile: those of DevTools end with the session, and with them the subscription.
    mkdirSync(join(profile, 'Default'));
    writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(prefs));
  }
  return { env, profile, prefs };
}

/** Each driver says itself whether there is a window. */
const withoutHeadless = (args: string[]) => args.filter((arg) => !/^--?headless/.test(arg));

export function puppeteer(name: BrowserName, wiring: Wiring, options: BrowserOptions, removals: Removals): PuppeteerLaunch {
  const { env, profile, prefs } = prepare(name, wiring, options, removals);
  const shared = { executablePath: wiring.program, args: withoutHeadless(wiring.args), env, headless: options.headless ?? true };
  // Firefox's profile is puppeteer's own: it writes the preferences there.
  if (name === 'firefox') return { browser: 'firefox', ...shared, extraPrefsFirefox: prefs };
  return {
    browser: 'chrome', ...shared, pipe: true, userDataDir: profile,
    // A service worker that a debugger is attached to starts paused, and never stops by itself.
    targetFilter: (target) => target.type() !== 'service_worker',
  };
}

export function selenium(name: BrowserName, wiring: Wiring, options: BrowserOptions, removals: Removals): SeleniumLaunch {
  const { env, profile, prefs } = prepare(name, wiring, options, removals);
  const { program: binary, args } = wiring;
  if (name === 'firefox') {
    // geckodriver makes a profile of its own, and says --no-remote itself.
    const own = [...withoutHeadless(args).filter((arg) => arg !== '--no-remote'), ...((options.headless ?? true) ? ['-headless'] : [])];
    return { capabilities: { browserName: 'firefox', 'moz:firefoxOptions': { binary, args: own, prefs, env } }, env };
  }
  return { capabilities: { browserName: 'chrome', 'goog:chromeOptions': { binary, args: [...args, `--user-data-dir=${profile}`] } }, env };
}

export function plain(name: BrowserName, wiring: Wiring, options: BrowserOptions, removals: Removals): PlainLaunch {
  const { env, profile, prefs } = prepare(name, wiring, options, removals);
  if (name === 'chromium') return { program: wiring.program, args: [...wiring.args, `--user-data-dir=${profile}`], env, profile };
  const lines = Object.entries(prefs).map(([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});\n`);
  writeFileSync(join(profile, 'user.js'), lines.join(''));
  return { program: wiring.program, args: [...wiring.args, '--profile', profile], env, profile };
}
