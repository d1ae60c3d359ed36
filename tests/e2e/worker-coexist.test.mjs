// Inside the workers that apps already have: Workbox's and Angular's. Each keeps what is its own.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { BROWSERS, PROBE, startStage } from './lib/app.mjs';
import { root } from './lib/processes.mjs';
import { eventually, stays } from './lib/wait.mjs';

const fixtures = path.join(root, 'tests/e2e/fixtures');
const sha1 = (/** @type {string} */ text) => createHash('sha1').update(text).digest('hex');

/** A page of the app; it says which clicks it gets. */
const page = (/** @type {string} */ key) => `<!doctype html><meta charset="utf-8"><title>app</title>
<script type="module">
  import { createPush } from '/tidings/index.js';
  window.id = crypto.randomUUID();
  const scope = '/' + location.pathname.split('/')[1] + '/';
  const push = createPush({ worker: '/w' + scope.slice(0, -1) + '.js', scope, server: null, applicationServerKey: '${key}' });
  push.on('click', (click) => fetch('/report', { method: 'POST', keepalive: true, body: JSON.stringify({ type: 'click', page: window.id, url: location.href, click }) }));
  window.ready = true;
</script>`;

/** The app's Workbox worker, as its bundler makes it; see fixtures/workbox-worker.js. */
async function workboxWorker() {
  const { outputFiles } = await build({
    entryPoints: [path.join(fixtures, 'workbox-worker.js')],
    bundle: true, write: false, format: 'iife', target: 'es2022', minify: true, legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"', 'self.__WB_MANIFEST': JSON.stringify([{ url: '/workbox/precached.txt', revision: '1' }]) },
  });
  return outputFiles[0].text;
}

/** Angular's worker as npm has it. Its configuration is what `ng build` writes. */
const angularWorker = () => readFileSync(path.join(root, 'node_modules/@angular/service-worker/ngsw-worker.js'), 'utf8');
const PRECACHED = 'as it was at the installation';
const ngsw = {
  configVersion: 1,
  timestamp: 1,
  index: '/angular/index.html',
  assetGroups: [
    { name: 'app', installMode: 'prefetch', updateMode: 'prefetch', cacheQueryOptions: { ignoreVary: true }, urls: ['/angular/precached.txt'], patterns: [] },
  ],
  dataGroups: [],
  hashTable: { '/angular/precached.txt': sha1(PRECACHED) },
  navigationUrls: [],
};

/**
 * @type {Record<string, { worker: () => string | Promise<string>, own: (title: string) => object }>}
 * `own`: a message of the app's own, that the host or the app's listener shows.
 */
const HOSTS = {
  workbox: { worker: workboxWorker, own: (title) => ({ app: { title } }) },
  angular: { worker: angularWorker, own: (title) => ({ notification: { title, body: 'Angular’s' } }) },
};

for (const name of BROWSERS) {
  describe(`beside other workers in ${name}`, { timeout: 120_000 }, () => {
    /** @type {import('./lib/app.mjs').Stage} */
    let stage;
    let count = 0;

    before(async () => {
      stage = await startStage(name);
      const { app, service } = stage;
      const html = { type: 'text/html', body: page(service.vapid.publicKey) };
      // Angular's worker asks for this file beside itself, and for the files in it when it installs.
      app.add('/w/ngsw.json', { type: 'application/json', body: JSON.stringify(ngsw) });
      for (const host of Object.keys(HOSTS)) {
        app.add(`/${host}/*`, html);
        // What the host has cached at the installation is not what the server has later.
        app.add(`/${host}/precached.txt`, { body: PRECACHED });
      }
      await stage.observe();
      for (const [host, { worker }] of Object.entries(HOSTS)) {
        app.addWorker(host, [PROBE, await worker(), "importScripts('/tidings/worker.js');"]);
        await stage.subscribe(`/w/${host}.js`, `/${host}/`);
        const cached = (/** @type {string} */ route) => caches.match(route, { ignoreSearch: true }).then(Boolean);
        await (/** @type {any} */ (stage.observer)).waitFor(cached, 5_000, `/${host}/precached.txt`);
        app.add(`/${host}/precached.txt`, { body: 'as the server has it now' });
      }
      await (/** @type {any} */ (stage.observer)).close();
      stage.observer = undefined;
    });
    after(() => stage?.stop());
    afterEach(async () => {
      for (const shown of stage.desktop.shown()) stage.desktop.close(shown.id);
      for (const page of await stage.browser.pages()) await page.close().catch(() => {});
    });

    const open = async (/** @type {string} */ route) => {
      const page = await stage.browser.open(stage.app.origin + route);
      await page.waitFor(() => 'ready' in globalThis);
      return page;
    };
    /** Pushes, and expects exactly one notification of that title, also once the push is over. */
    const pushOnce = async (/** @type {string} */ host, /** @type {(title: string) => object} */ make) => {
      const title = `N${++count}`;
      const [calls, since] = [stage.desktop.calls.length, stage.app.entries.length];
      await stage.push(`/${host}/`, make(title));
      const { late, outcomes } = await stage.app.waitFor(({ type }) => type === 'push', { since });
      assert.equal(late, 0);
      assert.deepEqual(outcomes, []);
      const shown = await stage.desktop.waitFor(({ summary }) => summary === title, 3_000, { since: calls });
      assert.ok(await stays(() => stage.desktop.calls.length === calls + 1, 300), JSON.stringify(stage.desktop.calls.slice(calls).map(({ summary, body }) => summary + body)));
      return shown;
    };
    const declarative = (/** @type {string} */ host, /** @type {object} */ more = {}) => (/** @type {string} */ title) => ({
      web_push: 8030,
      notification: { title, body: 'Declared', navigate: `/${host}/target/${count}`, ...more },
    });

    for (const [host, { own }] of Object.entries(HOSTS)) {
      describe(host, () => {
        test('a declarative message is shown once', async () => {
          const shown = await pushOnce(host, declarative(host));
          assert.match(shown.body, /Declared$/);
        });

        test('a declarative message is shown once by a worker that was stopped', async () => {
          await stage.browser.stopWorkers();
          await pushOnce(host, declarative(host));
        });

        test('a message of the app’s own is shown once, by the app', async () => {
          await pushOnce(host, own);
        });

        test('a click on a declarative message opens its target, and arrives', async () => {
          const shown = await pushOnce(host, declarative(host, { data: { a: 1 } }));
          const since = stage.app.entries.length;
          const target = `${stage.app.origin}/${host}/target/${count}`;
          stage.desktop.click(shown.id);
          const entry = await stage.app.waitFor(({ type }) => type === 'click', { since, timeout: 5_000 });
          assert.equal(entry.url, target);
          assert.deepEqual(entry.click.data, { a: 1 });
          assert.ok(await stays(() => stage.app.entries.slice(since).filter(({ type }) => type === 'click').length === 1, 250));
          assert.equal((await stage.browser.pages()).length, 1, 'one window');
        });

        test('a click focuses the page that is open, and starts a stopped worker', async () => {
          const page = await open(`/${host}/target/here`);
          const other = await stage.browser.open('about:blank');
          const shown = await pushOnce(host, declarative(host, { navigate: `/${host}/target/here` }));
          await stage.browser.stopWorkers();
          const since = stage.app.entries.length;
          stage.desktop.click(shown.id);
          const entry = await stage.app.waitFor(({ type }) => type === 'click', { since, timeout: 5_000 });
          assert.equal(entry.page, await page.evaluate(() => /** @type {any} */ (globalThis).id));
          await eventually(() => page.evaluate(() => document.visibilityState === 'visible'));
          assert.equal((await stage.browser.pages()).length, 2);
          await other.close();
        });

        test('a click on the app’s own notification is left to the app', async () => {
          const shown = await pushOnce(host, own);
          const since = stage.app.entries.length;
          stage.desktop.click(shown.id);
          // Angular's closes it and opens nothing; the app's own listener in the Workbox worker says that it has heard.
          if (host === 'workbox') await stage.app.waitFor(({ type }) => type === 'own click', { since });
          assert.ok(await stays(async () => (await stage.browser.pages()).length === 0, 400), 'no window is opened');
          assert.deepEqual(stage.app.entries.slice(since).filter(({ type }) => type === 'click'), []);
        });

        test('the host still answers for what it has cached', async () => {
          const page = await open(`/${host}/`);
          await page.waitFor(() => navigator.serviceWorker.controller !== null).catch(() => page.reload());
          const text = (/** @type {string} */ route) => page.evaluate((route) => fetch(route).then((answer) => answer.text()), route);
          assert.equal(await text(`/${host}/precached.txt`), PRECACHED);
          if (host === 'workbox') assert.equal(await text('/workbox/routed'), 'routed by the worker');
        });
      });
    }
  });
}
