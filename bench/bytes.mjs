// What a browser loads: the bytes of each worker and page, and what is asked of the server until the first notification.

import { setTimeout as delay } from 'node:timers/promises';
import { weigh } from '../scripts/size.mjs';
import { startStage } from '../tests/e2e/lib/app.mjs';
import { bundled, contenders, serve } from './contenders.mjs';
import { devtools, sessionOf } from './lib/devtools.mjs';
import { table } from './lib/markdown.mjs';
import { bars } from './lib/plot.mjs';
import { PAGES } from './page.mjs';

/** @param {string[]} [few] */
async function measure(few) {
  const all = await contenders(few);
  /** @type {{ path: string, bytes: number }[]} */
  const requests = [];
  const stage = await startStage('chromium', (app) => {
    const logged = (/** @type {string} */ path, /** @type {any} */ answer) =>
      app.add(path, ({ url = '' }) => {
        requests.push({ path: url, bytes: Buffer.byteLength(answer.body ?? '') });
        return answer;
      });
    const headers = { 'service-worker-allowed': '/' };
    const addWorker = (/** @type {string} */ name, /** @type {string[]} */ [body]) => logged(`/w/${name}.js`, { type: 'text/javascript', body, headers });
    serve(/** @type {any} */ ({ add: logged, addWorker }), all);
  });
  try {
    const tools = await devtools(await sessionOf(await stage.observe()), stage.app.origin);
    const rows = [];
    for (const one of all) {
      requests.length = 0;
      await stage.subscribe(`/w/${one.id}.js`, one.scope);
      await delay(300); // What it loads once it is active.
      const installed = [...requests];
      const calls = stage.desktop.calls.length;
      await tools.push(one.scope, one.message(stage.app.origin));
      const notified = requests.length;
      await stage.desktop.waitFor(() => true, 5_000, { since: calls });
      await delay(100);
      await stage.clear(one.scope);
      rows.push({ one, install: installed.length, bytes: installed.reduce((sum, { bytes }) => sum + bytes, 0), notified });
    }
    return rows;
  } finally {
    await stage.stop();
  }
}

/** @type {import('./report.mjs').Section} */
export const bytes = {
  name: 'bytes',
  title: 'Bytes and requests',
  runs: 1,
  async make({ smoke }) {
    const measured = (await measure(smoke)).filter(({ one }) => one.what !== 'hand-written again');
    const workers = measured.map(({ one, install, bytes, notified }) => {
      const { raw, gzip, brotli } = weigh(Buffer.from(one.script));
      return { name: one.what, brotli, cells: [one.what, raw, gzip, brotli, install, bytes, notified] };
    });
    const pages = [];
    for (const { what, file } of PAGES) {
      const { raw, gzip, brotli } = weigh(Buffer.from(await bundled(`pages/${file}`, 'esm')));
      pages.push({ name: what, brotli, cells: [what, raw, gzip, brotli] });
    }
    const group = (/** @type {{ name: string, brotli: number }} */ { name, brotli }, /** @type {string} */ kind) => ({ name: `${kind}: ${name}`.slice(0, 32), values: [{ middle: brotli, low: brotli, high: brotli }] });
    const text = `Each as an app's bundler makes it, minified by esbuild, but Angular's, which comes as it is. gzip -9, brotli -q 11.

## The worker

"Install": requests and bytes, not compressed, from \`register()\` until it is active. "First notification": all requests until then.

${table(['worker', 'bytes', 'gzip', 'brotli', 'requests, install', 'bytes, install', 'requests, first notification'], workers.map(({ cells }) => cells))}

A browser asks again for the script of a worker that it has just installed only when it looks for an update. Firebase and Pusher document workers that
\`importScripts\` from another server; here their npm packages are bundled, which is one request and not two or three. Tidings' bytes
hold an outbox, Angular's a cache.

## The page

${table(['page', 'bytes', 'gzip', 'brotli'], pages.map(({ cells }) => cells))}

Angular's \`SwPush\` needs Angular, so it is not weighed alone. Workbox has no page for push.

![Bytes after brotli](bytes.svg)
`;
    const groups = [...workers.map((one) => group(one, 'worker')), ...pages.map((one) => group(one, 'page'))];
    return { text, plots: { 'bytes.svg': bars({ label: 'Bytes after brotli, by worker and page', series: ['brotli'], groups }) } };
  },
};
