// Drives the service workers of Chromium from outside, over DevTools: stops them, pushes to them, and hears from the browser
// itself when a notification is displayed. Nothing is attached to the workers, so nothing slows or keeps them.

import { within } from '../../tests/e2e/lib/wait.mjs';

/** How long anything may take before the measurement gives up. */
const PATIENCE = 30_000;

/**
 * @param {import('puppeteer-core').CDPSession} session of any page that stays open
 * @param {string} origin of the app whose workers these are
 */
export async function devtools(session, origin) {
  /** @type {Map<string, { registrationId: string, versionId: string, runningStatus: string }>} */
  const versions = new Map();
  /** @type {Map<string, string>} scope by registration */
  const scopes = new Map();
  /** @type {Set<() => void>} */
  const watchers = new Set();
  const changed = () => watchers.forEach((watcher) => watcher());
  session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    for (const { registrationId, scopeURL } of registrations) scopes.set(registrationId, new URL(scopeURL).pathname);
    changed();
  });
  session.on('ServiceWorker.workerVersionUpdated', ({ versions: all }) => {
    for (const version of all) versions.set(version.versionId, version);
    changed();
  });
  let displayed = (/** @type {string} */ _registration) => {};
  session.on('BackgroundService.backgroundServiceEventReceived', ({ backgroundServiceEvent: event }) => {
    if (event.eventName === 'Notification displayed') displayed(event.serviceWorkerRegistrationId);
  });
  await session.send('ServiceWorker.enable');
  await session.send('BackgroundService.startObserving', { service: 'notifications' });
  await session.send('BackgroundService.setRecording', { service: 'notifications', shouldRecord: true });

  const until = (/** @type {() => any} */ found, /** @type {string} */ what) =>
    within(
      new Promise((resolve) => {
        const watcher = () => {
          const it = found();
          if (!it) return;
          watchers.delete(watcher);
          resolve(it);
        };
        watchers.add(watcher);
        watcher();
      }),
      PATIENCE,
      what,
    );
  const registrationOf = (/** @type {string} */ scope) => [...scopes].find(([, path]) => path === scope)?.[0];
  const versionOf = (/** @type {string} */ id) => [...versions.values()].findLast(({ registrationId }) => registrationId === id);

  return {
    /** Stops the worker of a scope, and comes back when it has stopped. @param {string} scope */
    async stop(scope) {
      const id = await until(() => registrationOf(scope), `the registration of ${scope}`);
      const version = versionOf(id);
      if (version?.runningStatus === 'stopped') return;
      await session.send('ServiceWorker.stopWorker', { versionId: /** @type {any} */ (version).versionId });
      await until(() => versionOf(id)?.runningStatus === 'stopped', `${scope} to stop`);
    },
    /** Pushes, and gives the milliseconds until the notification is displayed. @param {string} scope @param {string} data */
    async push(scope, data) {
      const registrationId = await until(() => registrationOf(scope), `the registration of ${scope}`);
      const shown = new Promise((resolve) => {
        displayed = (id) => id === registrationId && resolve(performance.now());
      });
      const start = performance.now();
      void session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
      return /** @type {number} */ (await within(shown, PATIENCE, `the notification of ${scope}`)) - start;
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof devtools>>} DevTools */

/** A session of DevTools with one page. @param {import('../../tests/e2e/lib/browsers.mjs').TestPage} page */
export const sessionOf = (page) => page.puppeteer.createCDPSession();
