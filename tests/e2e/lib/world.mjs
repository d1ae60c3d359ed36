// All that one push needs, on loopback: push service, application server with the demo, desktop, browser.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { launch, wiringOf } from './browsers.mjs';
import { startNotifications } from './dbus.mjs';
import { remove, root, runTidings, startTidings, temporaryFolder } from './processes.mjs';
import { eventually } from './wait.mjs';

/** @typedef {Awaited<ReturnType<typeof startWorld>>} World */

/**
 * Starts everything. Stop it in a `finally` or an `after`.
 *
 * @param {import('./browsers.mjs').BrowserName} name
 */
export async function startWorld(name) {
  const folder = temporaryFolder(`world-${name}`);
  /** @type {(() => Promise<unknown>)[]} what has been started, the last first */
  const stops = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
    remove(folder);
  };
  try {
    const pushService = await startTidings(['push-service', '--address', '127.0.0.1:0', '--tls-address', '127.0.0.1:0'], { ready: /(http:\/\/\S+)\/about/ });
    stops.push(() => pushService.stop());
    const service = pushService.ready[1];
    const data = path.join(folder, 'data');
    const serve = (/** @type {string} */ address) =>
      startTidings(
        ['serve', '--address', address, '--data', data, '--www', path.join(root, 'target/www'), '--demo-sessions', '--loopback-without-token', '--push-service', service],
        { ready: /Tidings is at (http:\/\/\S+)/ },
      );
    let server = await serve('127.0.0.1:0');
    stops.push(() => server.stop());
    const origin = server.ready[1];
    const desktop = await startNotifications();
    stops.push(() => desktop.stop());
    const wiring = await wiringOf(name, service);
    const start = () => launch(name, { wiring, dbusAddress: desktop.address, profile: path.join(folder, 'browser') });
    const world = {
      name, service, origin, desktop, data,
      browser: await start(),

      /** Ends the browser and starts it again on the same profile; `meanwhile` happens while it is away. */
      async restart(meanwhile = async () => {}) {
        await this.browser.close();
        await meanwhile();
        this.browser = await start();
      },

      /** Ends the browser the way a power cut does, and starts it again on the same profile. */
      async kill() {
        await this.browser.kill();
        this.browser = await start();
      },

      /** The server comes back with a new key, at the same address. */
      async rotate() {
        await server.stop();
        rmSync(path.join(data, 'vapid.pem'));
        server = await serve(`127.0.0.1:${new URL(origin).port}`);
      },

      /** Calls the server's API. */
      async api(/** @type {string} */ method, /** @type {string} */ route, /** @type {unknown} */ body) {
        const response = await fetch(`${origin}/api/v1${route}`, {
          method,
          ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        });
        const text = await response.text();
        return { status: response.status, body: text && JSON.parse(text) };
      },

      /** Sends a declarative message to the subscription, and expects the push service to take it. */
      async send(/** @type {string} */ id, /** @type {object} */ notification, /** @type {object} */ more = {}) {
        const message = { web_push: 8030, notification: { navigate: `${origin}/`, ...notification } };
        const { status, body } = await this.api('POST', `/subscriptions/${id}/messages`, { message, ttl: 60, ...more });
        assert.equal(status, 200, JSON.stringify(body));
        return body;
      },

      /** What the database file holds, read by another process. */
      async stored() {
        const { stdout, stderr } = await runTidings(['send', '--all', '--title', 'x', '--dry-run', '--data', data, '--push-service', service]);
        assert.equal(stderr.includes('error'), false, stderr);
        return stdout.split('\n').filter(Boolean);
      },

      /** An empty screen, and no page. */
      async clear() {
        for (const shown of desktop.shown()) desktop.close(shown.id);
        desktop.reset();
        await this.closePages();
      },

      async closePages() {
        for (const page of await this.browser.pages()) await page.close();
      },

      stop,
    };
    stops.push(() => world.browser.close());
    return world;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** How the server names a subscription. */
export const idOf = (/** @type {{ endpoint: string }} */ { endpoint }) => createHash('sha256').update(endpoint).digest('base64url');

/** Opens the demo and waits until it has found out its state. */
export async function openDemo(/** @type {World} */ world, route = '/') {
  const page = await world.browser.open(world.origin + route);
  await page.waitFor(() => 'ready' in document.documentElement.dataset);
  return page;
}

/** What the demo's timeline tells of, as `title: detail`, the newest first. */
export const logged = (/** @type {import('./browsers.mjs').TestPage} */ page, /** @type {string} */ event) =>
  page.evaluate(
    (name) =>
      [...document.querySelectorAll(`#log [data-event="${name}"] span`)].map((entry) => `${entry.closest('[data-push]')?.querySelector('h3')?.textContent}: ${entry.textContent}`),
    event,
  );

/** The page's subscription, as JSON. */
export const subscriptionOf = (/** @type {import('./browsers.mjs').TestPage} */ page) =>
  page.evaluate(async () => (await (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription())?.toJSON() ?? null);

/** What the browser says is shown. */
export const notificationsOf = (/** @type {import('./browsers.mjs').TestPage} */ page) =>
  page.evaluate(async () =>
    ((await (await navigator.serviceWorker.getRegistration())?.getNotifications()) ?? []).map(({ title, body, icon, tag, actions }) => ({
      title, body, icon, tag, actions: actions?.map(({ action, title }) => ({ action, title })),
    })),
  );

/** Presses the demo's button and waits until it says `state`. */
export async function toggle(/** @type {import('./browsers.mjs').TestPage} */ page, /** @type {string} */ state) {
  await page.click('#toggle:not([disabled])');
  await eventually(async () => (await page.text('#state')) === state && page.evaluate(() => !document.querySelector('#toggle')?.disabled), {
    what: `the demo to say “${state}”`,
    timeout: 20_000,
  });
}
