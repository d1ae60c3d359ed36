// The site of the soak: page, worker, the real application server and a server for the outbox behind one address, whose
// network can be cut.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { PACKAGE, workerScript } from '../e2e/lib/app.mjs';
import { Server } from '../e2e/lib/outbox.mjs';
import { startTidings } from '../e2e/lib/processes.mjs';

const PAGE = `<!doctype html><meta charset="utf-8"><title>soak</title><script type="module">
  import { createPush } from '/tidings/index.js';
  import { createOutbox } from '/tidings/outbox.js';
  window.push = createPush({ worker: '/sw.js', server: '/api/v1' });
  window.outbox = createOutbox();
  window.ready = true;
</script>`;

export class Site {
  /** Where the outbox's requests arrive. */
  server = new Server();
  /** Messages that went out, as the API's clients see it. */
  #http;
  #port = 0;
  /** @type {Awaited<ReturnType<typeof startTidings>>} */
  #api;
  #files = {
    '/': ['text/html', PAGE],
    '/sw.js': ['text/javascript', workerScript()],
    '/tidings/index.js': ['text/javascript', readFileSync(path.join(PACKAGE, 'index.js'), 'utf8')],
    '/tidings/outbox.js': ['text/javascript', readFileSync(path.join(PACKAGE, 'outbox.js'), 'utf8')],
  };

  get origin() {
    return `http://localhost:${this.#port}`;
  }

  /** @param {string} service @param {string} data a folder */
  async start(service, data) {
    await this.server.start();
    this.#api = await startTidings(
      ['serve', '--address', '127.0.0.1:0', '--data', data, '--www', PACKAGE, '--demo-sessions', '--loopback-without-token', '--push-service', service],
      { ready: /Tidings is at (http:\/\/\S+)/ },
    );
    await this.connect();
    return this;
  }

  /** There is a network. */
  async connect() {
    this.#http = http.createServer((request, response) => this.#answer(request, response));
    this.#http.listen(this.#port, '127.0.0.1');
    await once(this.#http, 'listening');
    this.#port = /** @type {import('node:net').AddressInfo} */ (this.#http.address()).port;
  }

  /** There is none: nobody listens, and what was under way is broken off. */
  async cut() {
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, 'close').catch(() => {});
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [type, body] = this.#files[/** @type {'/'} */ (pathname)] ?? [];
    if (type) return void response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    const behind = new URL(request.url ?? '/', pathname.startsWith('/api/') ? this.#api.ready[1] : this.server.origin);
    const further = http.request(behind, { method: request.method, headers: { ...request.headers, host: behind.host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    further.on('error', () => response.destroy());
    response.on('close', () => further.destroy());
    request.on('error', () => further.destroy());
    request.pipe(further);
  }

  /** Calls the API as the app's server would, past the network of the browser. @param {string} method @param {string} route @param {unknown} [body] */
  async api(method, route, body) {
    const response = await fetch(`${this.#api.ready[1]}/api/v1${route}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text && JSON.parse(text) };
  }

  async stop() {
    await this.cut().catch(() => {});
    await this.#api?.stop();
    await this.server.stop().catch(() => {});
  }
}
