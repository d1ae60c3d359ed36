// The packed package in every bundler that its users have: installed, built, opened in Chromium, and a push received.
// Without TIDINGS_LONG=1 only what is quick. Prints the matrix.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { read } from '../../scripts/lib/run.mjs';
import { launch } from '../e2e/lib/browsers.mjs';
import { startNotifications } from '../e2e/lib/dbus.mjs';
import { startPushService } from '../e2e/lib/push-service.mjs';
import { stays } from '../e2e/lib/wait.mjs';
import { built, installed, packed } from './lib/project.mjs';
import { STRICT, TRUSTED, startSite } from './lib/site.mjs';

const long = process.env.TIDINGS_LONG === '1';

/** @type {{ name: string, quick?: boolean, policy?: string | null, module?: boolean, bundled?: boolean, init?: string[] }[]} */
const PROJECTS = [
  { name: 'esbuild', quick: true },
  { name: 'rollup' },
  { name: 'vite', quick: true, init: ['--as', 'copied.js'] },
  // Without the inlined WASM; what the page fetches is not among its scripts.
  { name: 'vite-slim', bundled: false },
  { name: 'webpack', quick: true },
  { name: 'rspack' },
  { name: 'parcel' },
  // Its import map is an inline script, and its worker imports a module.
  { name: 'import-map', quick: true, policy: null, module: true },
  // Next writes inline scripts into its pages; a worker comes from `public`.
  { name: 'next', policy: null, bundled: false, init: [] },
  // Its worker comes from the package by `assets` in angular.json.
  { name: 'angular', bundled: false },
].filter(({ quick }) => quick || long)
  // TIDINGS_PROJECT: only that one, and the one whose page is used again under Trusted Types.
  .filter(({ name }) => name === 'esbuild' || (process.env.TIDINGS_PROJECT ?? name) === name);

describe('the packed package in a bundler', { timeout: long ? 600_000 : 180_000 }, () => {
  /** @type {(() => unknown)[]} */
  const stops = [];
  /** @type {Map<string, { copied: import('./lib/site.mjs').Site, bundled: import('./lib/site.mjs').Site }>} */
  const sites = new Map();
  /** @type {Record<string, object>} */
  const matrix = {};
  const tarball = packed();
  /** @type {import('../e2e/lib/push-service.mjs').PushService} */
  let service;
  /** @type {import('../e2e/lib/dbus.mjs').NotificationDaemon} */
  let desktop;
  /** @type {import('../e2e/lib/browsers.mjs').TestBrowser} */
  let browser;
  /** @type {import('./lib/site.mjs').Site} */
  let trusted;

  const site = async () => {
    const started = await startSite();
    stops.push(() => started.stop());
    return started;
  };

  before(async () => {
    for (const { name } of PROJECTS) sites.set(name, { copied: await site(), bundled: await site() });
    trusted = await site();
    service = await startPushService();
    stops.push(() => service.stop());
    desktop = await startNotifications();
    stops.push(() => desktop.stop());
    const allow = [trusted, ...[...sites.values()].flatMap(({ copied, bundled }) => [copied, bundled])].map(({ origin }) => origin);
    browser = await launch('chromium', { wiring: await service.wiring('chromium'), dbusAddress: desktop.address, allow });
    stops.push(() => browser.close());
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
    console.table(matrix);
  });
  afterEach(async () => {
    for (const shown of desktop.shown()) desktop.close(shown.id);
    desktop.reset();
    for (const page of await browser.pages()) await page.close();
  });

  /** Opens a site, subscribes by a click, and receives one push: on the desktop, and told to the page. */
  const receive = async (/** @type {import('./lib/site.mjs').Site} */ { origin }, /** @type {string} */ worker, /** @type {string} */ title, more = {}) => {
    const before = desktop.calls.length;
    const page = await browser.open(`${origin}/?${new URLSearchParams({ worker, key: service.vapid.publicKey, ...more })}`);
    await page.click('#on');
    await page.waitFor('window.app?.subscription || window.app?.failure');
    assert.equal(await page.evaluate('window.app.failure'), undefined, browser.messages.join('\n'));
    const subscription = await page.evaluate('window.app.subscription');
    assert.equal(await service.send(subscription, { web_push: 8030, notification: { title, navigate: `${origin}/` } }), 201);
    await desktop.waitFor(({ summary }) => summary === title, 20_000);
    assert.ok(await stays(() => desktop.calls.length === before + 1, 200), `exactly one: ${JSON.stringify(desktop.calls)}`);
    await page.waitFor((title) => /** @type {any} */ (window).app.shown.includes(title), 5_000, title);
    return page;
  };

  for (const { name, policy = STRICT, module, bundled: bundles = true, init } of PROJECTS) {
    test(name, async () => {
      /** @type {Record<string, unknown>} */
      const row = (matrix[name] = { raw: '', brotli: '', 'worker.js': '✗', 'own worker': bundles && !module ? '✗' : '–', policy: policy ? 'strict' : 'none' });
      const start = performance.now();
      const folder = await installed(name, tarball);
      // As a user does it: the worker goes where the framework serves it.
      if (init) await read(process.execPath, [path.join(folder, 'node_modules/tidings/dist/cli.js'), 'init', ...init], { cwd: folder });
      const { out } = await built(folder);
      row['built in'] = `${((performance.now() - start) / 1000).toFixed(1)} s`;
      const { copied, bundled } = /** @type {any} */ (sites.get(name));
      for (const one of [copied, bundled]) Object.assign(one, { folder: out, policy: policy ?? undefined });
      await receive(copied, init?.length === 0 ? '/worker.js' : '/copied.js', `${name}, worker.js`);
      Object.assign(row, copied.weight(), { 'worker.js': '✓' });
      if (!bundles || module) return;
      await receive(bundled, '/worker.js', `${name}, its own worker`);
      row['own worker'] = '✓';
    });
  }

  test('under Trusted Types', async () => {
    Object.assign(trusted, { folder: /** @type {any} */ (sites.get('esbuild')).copied.folder, policy: TRUSTED });
    const page = await receive(trusted, '/copied.js', 'Trusted Types');
    // The policy is in force: the app allows no markup.
    const markup = () => { try { return void (document.body.innerHTML = '<b>'); } catch (error) { return /** @type {Error} */ (error).name; } };
    assert.equal(await page.evaluate(markup), 'TypeError');
    // Once more with a TrustedScriptURL, and as if for the first time.
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.unregister());
    await receive(trusted, '/copied.js', 'Trusted Types, typed', { typed: '' });
  });

  test('in Node, imported and required', async () => {
    await built(await installed('node', tarball));
  });
});
