// A site with the packed package, a worker of every bad kind, and an application server that does what a test says.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { root } from './processes.mjs';

const PACKAGE = path.join(root, 'target/npm/unpacked/package/dist');

/** Options of createPush in the address; `hurry` makes every timer that much faster, so that deadlines are tested quickly. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>site</title><button id="go">go</button>
<script>
  const query = new URLSearchParams(location.search);
  const { setTimeout: later } = window;
  const hurry = Number(query.get('hurry') ?? 1);
  window.setTimeout = (callback, wait, ...more) => later(callback, wait / hurry, ...more);
  window.onunhandledrejection = ({ reason }) => console.error('unhandled', reason);
  if (query.has('before')) new Function(query.get('before'))();
</script>
<script type="module">
  import { createPush, environment } from '/tidings/index.js';
  const options = JSON.parse(query.get('options') ?? '{}');
  if (query.has('upload')) options.upload = async (...change) => { (window.uploads ??= []).push(change); if (window.refuse) throw new Error('later'); };
  window.environment = environment;
  window.push = createPush(options);
  window.states = [];
  window.changes = 0;
  push.subscribeState(() => states.push(push.getState()));
  push.on?.bind(push);
  try { push.on('change', () => changes++); } catch {}
  // What a call comes to, as plain data.
  window.call = (name, ...more) => push[name](...more).then(
    (value) => ({ value: value?.toJSON?.() ?? value ?? null }),
    (error) => ({ code: error.code, cause: error.cause?.name ?? error.cause ?? null, name: error.name }),
  );
  go.onclick = async () => { window.result = undefined; window.result = await call('subscribe'); };
  if (query.has('now')) window.result = await call(query.get('now'));
  window.ready = true;
</script>`;

/** @type {Record<string, string>} */
const WORKERS = {
  '/never.js': 'addEventListener("install", (event) => event.waitUntil(new Promise(() => {})));',
  '/fails.js': 'addEventListener("install", (event) => event.waitUntil(Promise.reject(new Error("no"))));',
  '/throws.js': 'throw new Error("no");',
};

/**
 * @typedef {{ method: string, path: string, body: any, headers: http.IncomingHttpHeaders }} Call
 * @typedef {{ status?: number, headers?: Record<string, string>, body?: unknown } | 'reset' | undefined} Answer `reset`: nobody answers
 */

/** Starts the site; stop it at the end. @param {string} key the public key that it tells */
export async function startSite(key) {
  const script = (/** @type {string} */ text) => ['text/javascript', text];
  const site = {
    key,
    origin: '',
    port: 0,
    /** What the API was asked. @type {Call[]} */
    calls: [],
    /** The rows: the bodies that were put, by endpoint. @type {Map<string, any>} */
    rows: new Map(),
    /** Answers in place of the API. @type {(call: Call) => Answer | Promise<Answer>} */
    answer: () => undefined,

    /** How often this was called. */
    count(/** @type {string} */ method) {
      return site.calls.filter((call) => call.method === method).length;
    },

    reset() {
      site.calls.length = 0;
      site.rows.clear();
      site.answer = () => undefined;
      site.key = key;
    },

    url(/** @type {object} */ options = {}, /** @type {Record<string, string | number>} */ more = {}) {
      const query = new URLSearchParams({ options: JSON.stringify(options), .../** @type {any} */ (more) });
      return `${site.origin}/?${query}`;
    },

    /** Opens the page with these options of `createPush` and waits until it is ready. */
    async open(/** @type {import('./browsers.mjs').TestBrowser} */ browser, /** @type {object} */ options = {}, /** @type {Record<string, string | number>} */ more = {}, origin = site.origin) {
      const page = await browser.open(site.url(options, more).replace(site.origin, origin));
      await page.waitFor('window.ready');
      return page;
    },

    /** Closes all pages, and leaves nothing registered, nothing remembered, and an empty server. */
    async clear(/** @type {import('./browsers.mjs').TestBrowser} */ browser) {
      site.reset();
      for (const page of await browser.pages()) await page.close();
      const page = await site.open(browser, { auto: false });
      await page.evaluate(async () => {
        for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
        await new Promise((done) => Object.assign(indexedDB.deleteDatabase('tidings'), { onsuccess: done, onerror: done, onblocked: done }));
      });
      await page.close();
      site.reset();
    },

    stop() {
      server.close();
      server.closeAllConnections();
    },
  };

  /** The contract of the API, in its simplest form. @param {Call} call @returns {Answer} */
  const api = ({ method, path, body }) => {
    if (path.startsWith('/key')) {
      const id = new URL(path, 'http://x').searchParams.get('subscription');
      return { body: { publicKey: site.key, ...(id && { known: [...site.rows.keys()].some((endpoint) => idOf(endpoint) === id) }) } };
    }
    if (method === 'PUT') {
      for (const [endpoint, row] of site.rows) {
        if (row.device === body.device || endpoint === body.replaces?.endpoint) site.rows.delete(endpoint);
      }
      site.rows.set(body.endpoint, body);
      return { status: 201, body: { id: idOf(body.endpoint) } };
    }
    site.rows.delete(body.endpoint);
    return { status: 204 };
  };
  const idOf = (/** @type {string} */ endpoint) => Buffer.from(endpoint).toString('base64url').slice(-40);

  const server = http.createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname.startsWith('/api/v1')) {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const call = { method: request.method ?? '', path: pathname.slice(7) + search, body: text && JSON.parse(text), headers: request.headers };
      site.calls.push(call);
      const answer = (await site.answer(call)) ?? api(call) ?? {};
      if (answer === 'reset') return void request.socket.destroy();
      const { status = 200, headers = {}, body } = answer;
      return response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body === undefined ? '' : JSON.stringify(body));
    }
    const [type, body] =
      pathname === '/' ? ['text/html', PAGE]
      : pathname === '/frame' ? ['text/html', `<iframe src="${new URL(search.slice(1), 'http://x').href.replace('http://x/', '')}"></iframe>`]
      : pathname === '/tidings/index.js' ? script(readFileSync(path.join(PACKAGE, 'index.js'), 'utf8'))
      : pathname === '/tidings/prompt.js' ? script(readFileSync(path.join(PACKAGE, 'prompt.js'), 'utf8'))
      : pathname === '/worker.js' ? script(readFileSync(path.join(PACKAGE, 'worker.js'), 'utf8'))
      : WORKERS[pathname] ? script(WORKERS[pathname])
      : pathname === '/page.js' ? ['text/html', '<p>no script']
      : [];
    if (!body) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  site.port = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  site.origin = `http://localhost:${site.port}`;
  return site;
}

/** @typedef {Awaited<ReturnType<typeof startSite>>} Site */
