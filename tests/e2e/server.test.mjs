// What `tidings serve` sends, seen by programs that are not ours: npm's `http_ece` decrypts it, and a proxy hands it on.
import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import ece from 'http_ece';
import { remove, startTidings, temporaryFolder } from './lib/processes.mjs';
import { startPushService } from './lib/push-service.mjs';
import { idOf } from './lib/world.mjs';

/** The most that may be encrypted: 4096 bytes less the header of RFC 8188, the delimiter and the tag. */
const MOST = 3993;

/** A browser's half of a subscription. */
class Receiver {
  #keys = createECDH('prime256v1');
  #auth = randomBytes(16);

  constructor() {
    this.#keys.generateKeys();
  }

  subscription(/** @type {string} */ endpoint) {
    return { endpoint, expirationTime: null, keys: { p256dh: this.#keys.getPublicKey('base64url'), auth: this.#auth.toString('base64url') } };
  }

  /** @returns {Buffer} */
  decrypt(/** @type {Buffer} */ body) {
    return ece.decrypt(body, { version: 'aes128gcm', privateKey: this.#keys, authSecret: this.#auth.toString('base64url') });
  }
}

/** A server of ours on a free port, and its API. */
async function serve(/** @type {string} */ data, /** @type {string[]} */ args, /** @type {Record<string, string>} */ env = {}) {
  const server = await startTidings(['serve', '--address', '127.0.0.1:0', '--data', data, '--loopback-without-token', ...args], { env, ready: /Tidings is at (http:\/\/\S+)/ });
  return {
    stop: () => server.stop(),
    async call(/** @type {string} */ method, /** @type {string} */ route, /** @type {object} */ body) {
      const response = await fetch(`${server.ready[1]}/api/v1${route}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
      return { status: response.status, body: await response.json() };
    },
  };
}

/** @param {http.Server} server */
async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${/** @type {net.AddressInfo} */ (server.address()).port}`;
}

/** @param {http.Server} server */
function close(server) {
  server.close();
  server.closeAllConnections();
}

describe('what the server sends', { timeout: 60_000 }, () => {
  const folder = temporaryFolder('server');
  /** @type {import('./lib/push-service.mjs').PushService} */
  let pushService;

  before(async () => void (pushService = await startPushService()));
  after(async () => {
    await pushService?.stop();
    remove(folder);
  });

  test('is decrypted by http_ece, from nothing to as much as there may be', async () => {
    /** @type {{ headers: http.IncomingHttpHeaders, body: Buffer }[]} */
    const received = [];
    const fake = http.createServer(async (request, response) => {
      if (request.url === '/about') return void response.end(JSON.stringify({ ...pushService.about, http: url }));
      const chunks = await request.toArray();
      received.push({ headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(201).end();
    });
    const url = await listening(fake);
    const server = await serve(path.join(folder, 'sends'), ['--push-service', url]).catch((error) => (close(fake), Promise.reject(error)));
    try {
      const receiver = new Receiver();
      const subscription = receiver.subscription(`${url}/push/secret`);
      assert.equal((await server.call('PUT', '/subscriptions', subscription)).status, 201);
      const route = `/subscriptions/${idOf(subscription)}/messages`;
      for (const payload of [Buffer.alloc(0), Buffer.from('✉'), randomBytes(1000), randomBytes(MOST)]) {
        assert.equal((await server.call('POST', route, { payload: { base64url: payload.toString('base64url') } })).status, 200);
        const [{ headers, body }] = received.splice(0);
        assert.equal(headers['content-encoding'], 'aes128gcm');
        assert.ok(body.length <= 4096);
        assert.deepEqual(receiver.decrypt(body), payload, `${payload.length} bytes`);
        assert.throws(() => new Receiver().decrypt(body), 'by nobody else');
      }
      const message = { web_push: 8030, notification: { title: 'Hällo ✉', navigate: 'https://app.example/' } };
      assert.equal((await server.call('POST', route, { message })).status, 200);
      assert.deepEqual(JSON.parse(String(receiver.decrypt(received[0].body))), message);
      const { status, body } = await server.call('POST', route, { payload: { base64url: randomBytes(MOST + 1).toString('base64url') } });
      assert.deepEqual([status, body.error.code], [413, 'payload-too-large']);
      assert.equal(received.length, 1, 'nothing was sent');
    } finally {
      await server.stop();
      close(fake);
    }
  });

  test('goes by the proxy of --proxy, and never by one of the environment', async () => {
    /** @type {string[]} */
    const trapped = [];
    const trap = http.createServer((request, response) => {
      trapped.push(request.url ?? '');
      response.writeHead(502).end();
    });
    trap.on('connect', (request, socket) => {
      trapped.push(request.url ?? '');
      socket.end('HTTP/1.1 502 No\r\n\r\n');
    });
    /** @type {string[]} */
    const tunnels = [];
    // Whatever it is asked for leads to the push service on this machine.
    const proxy = http.createServer((request, response) => void response.writeHead(400).end());
    proxy.on('connect', (request, client) => {
      tunnels.push(request.url ?? '');
      const { hostname, port } = new URL(pushService.about.https);
      const upstream = net.connect(Number(port), hostname, () => client.write('HTTP/1.1 200 Yes\r\n\r\n'));
      upstream.on('error', () => client.destroy()).pipe(client);
      client.on('error', () => upstream.destroy()).pipe(upstream);
    });
    const certificate = path.join(folder, 'certificate.pem');
    writeFileSync(certificate, pushService.about.certificatePem);
    const trapUrl = await listening(trap);
    const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];
    const env = { ...Object.fromEntries(names.map((name) => [name, trapUrl])), NO_PROXY: '', no_proxy: '', SSL_CERT_FILE: certificate };
    const proxyUrl = await listening(proxy);
    /** A new subscription there, and what comes of a message to it. */
    const outcome = async (/** @type {string} */ name, /** @type {string} */ host, /** @type {string[]} */ args, /** @type {Record<string, string>} */ more = {}) => {
      const server = await serve(path.join(folder, name), ['--allow-push-service', host, ...args], { ...env, ...more });
      try {
        const subscription = new Receiver().subscription(`https://${host}/fcm/send/unknown`);
        assert.equal((await server.call('PUT', '/subscriptions', subscription)).status, 201);
        const { status, body } = await server.call('POST', `/subscriptions/${idOf(subscription)}/messages`, { payload: null });
        return { status, code: body.error?.code };
      } finally {
        await server.stop();
      }
    };
    try {
      const gone = { status: 410, code: 'subscription-gone' };
      const [host] = pushService.about.hosts;
      assert.deepEqual(await outcome('flag', host, ['--proxy', proxyUrl]), gone, 'the answer of the push service');
      assert.deepEqual(await outcome('variable', host, [], { TIDINGS_PROXY: proxyUrl }), gone, 'by our own variable');
      assert.deepEqual(tunnels, [`${host}:443`, `${host}:443`]);
      // A name that nobody has (RFC 6761): nothing leaves this machine.
      const { status, code } = await outcome('none', 'push.invalid', []);
      assert.deepEqual([status, code], [502, 'push-service-unavailable']);
      assert.equal(tunnels.length, 2);
      assert.deepEqual(trapped, []);
    } finally {
      close(trap);
      close(proxy);
    }
  });
});
