// The site of the soak: page, worker, the real application server and a server for the outbox behind one address, whose
// network can be cut.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { PACKAGE, workerScript } from '../e2e/lib/app.mjs';
import { Server } from '../e2e/lib/outbox.mjs';
import { freePort, runTidings, startTidings } from '../e2e/lib/processes.mjs';
import { Gate } from './gate.mjs';
import { lock } from './lock.mjs';

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
  /** Between the browser and all of this. @type {Gate} */
  gate;
  #http;
  /** @type {Awaited<ReturnType<typeof startTidings>>} */
  #api;
  #address = '';
  #files = {
    '/': ['text/html', PAGE],
    '/sw.js': ['text/javascript', workerScript()],
    '/tidings/index.js': ['text/javascript', readFileSync(path.join(PACKAGE, 'index.js'), 'utf8')],
    '/tidings/outbox.js': ['text/javascript', readFileSync(path.join(PACKAGE, 'outbox.js'), 'utf8')],
  };

  /** @param {string} service the push service @param {string} data a folder @param {Record<string, string>} env of its programs */
  constructor(service, data, env) {
    this.data = data;
    this.options = ['--data', data, '--push-service', service];
    this.env = env;
  }

  get origin() {
    return `http://localhost:${this.gate.port}`;
  }

  async start() {
    this.#address = `127.0.0.1:${await freePort()}`;
    await Promise.all([this.server.start(), this.startApi()]);
    this.#http = http.createServer((request, response) => this.#answer(request, response)).listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    this.gate = await new Gate(/** @type {import('node:net').AddressInfo} */ (this.#http.address()).port).open();
    return this;
  }

  async startApi() {
    const args = ['serve', ...this.options, '--address', this.#address, '--www', PACKAGE, '--demo-sessions', '--loopback-without-token'];
    this.#api = await startTidings(args, { ready: /Tidings is at (http:\/\/\S+)/, env: this.env });
  }

  async killApi() {
    await this.#api.kill();
  }

  /** Another program writes to the database for so long. @param {number} ms */
  lock(ms) {
    return lock(this.data, ms);
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/clear') return void response.writeHead(204, { 'clear-site-data': '"storage"' }).end();
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

  /** The ids of all subscriptions that the server has. */
  async rows() {
    const { stdout } = await runTidings(['send', '--all', '--title', 'x', '--dry-run', ...this.options], { env: this.env });
    return [...stdout.matchAll(/^would send (\S+)/gm)].map(([, id]) => id);
  }

  async stop() {
    await this.gate?.refuse();
    this.#http?.close();
    this.#http?.closeAllConnections();
    await this.#api?.stop();
    await this.server.stop().catch(() => {});
  }
}
