// What serves a built project: plain files, the policy under test, and a record of the scripts that the page loads.
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { weigh } from '../../../scripts/size.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm' };

/** Allows what Tidings needs, and nothing else. */
export const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'; worker-src 'self'";
/** The same, where strings must not become scripts unless a policy of the app agrees. */
export const TRUSTED = `${STRICT}; require-trusted-types-for 'script'; trusted-types default app`;

/** Serves `folder` on a free port; `folder` may be there later. */
export async function startSite() {
  const site = new Site();
  await site.start();
  return site;
}

export class Site {
  folder = '';
  /** The Content-Security-Policy of every answer, the worker's included. @type {string | undefined} */
  policy;
  origin = '';
  /** The scripts that pages have loaded. @type {Set<string>} */
  #scripts = new Set();
  server = http.createServer((request, response) => this.#answer(request, response));

  async start() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.origin = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (this.server.address()).port}`;
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** The bytes of what the page has loaded, one file after the other. */
  weight() {
    const all = [...this.#scripts].map((file) => weigh(readFileSync(file)));
    const sum = (/** @type {'raw' | 'brotli'} */ key) => all.reduce((total, one) => total + one[key], 0);
    return { raw: sum('raw'), brotli: sum('brotli') };
  }

  /**
   * @param {http.IncomingMessage} request
   * @param {http.ServerResponse} response
   */
  #answer(request, response) {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = path.join(this.folder, pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    if (request.headers['sec-fetch-dest'] === 'script') this.#scripts.add(file);
    const type = TYPES[/** @type {keyof TYPES} */ (path.extname(file))] ?? 'application/octet-stream';
    response.writeHead(200, {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      ...(this.policy && { 'content-security-policy': this.policy }),
    });
    response.end(readFileSync(file));
  }
}
