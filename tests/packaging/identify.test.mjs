// The server in docs/server.md that knows its users, run as it is written there: who may say whose device it is.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { once } from 'node:events';
import { SignJWT } from 'jose';
import { root } from '../../scripts/lib/run.mjs';
import { blocks } from './lib/docs.mjs';

const SECRET = 'a secret of 32 bytes, or longer.';
const endpoint = (/** @type {string} */ name) => `https://push.example/${name}`;
const keys = { p256dh: 'B', auth: 'secret' };
/** @type {{ server: import('node:http').Server, signIn: (user: string) => string }} */
let app;
let url = '';

before(async () => {
  // Below the repository, so that it finds its package.
  const folder = path.join(root, 'target/packaging/identify');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'server.mjs'), blocks('docs/server.md', 'js', 'Whose device it is')[0]);
  Object.assign(process.env, { JWT_SECRET: SECRET, PORT: '0', VAPID_PUBLIC_KEY: 'B1' });
  app = await import(path.join(folder, 'server.mjs'));
  if (!app.server.listening) await once(app.server, 'listening');
  url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (app.server.address()).port}/api/v1`;
});
after(() => app?.server.close());

const call = async (/** @type {string} */ method, /** @type {object} */ body, headers = {}) =>
  (await fetch(`${url}/subscriptions`, { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })).status;
const token = (/** @type {string} */ sub, { alg = 'HS256', secret = SECRET, audience = 'https://app.example', expires = '1m' } = {}) =>
  new SignJWT({ sub }).setProtectedHeader({ alg }).setAudience(audience).setExpirationTime(expires).sign(new TextEncoder().encode(secret));
const bearer = async (/** @type {Parameters<typeof token>} */ ...of) => ({ authorization: `Bearer ${await token(...of)}` });

test('a session decides, not the name in the request', async () => {
  const cookie = app.signIn('ada').split(';')[0];
  const mine = { endpoint: endpoint('a'), keys, device: '1' };
  assert.equal(await call('PUT', { ...mine, user: 'ada' }), 401);
  assert.equal(await call('PUT', { ...mine, user: 'ada' }, { cookie: 'session=ada' }), 401);
  assert.equal(await call('PUT', { ...mine, user: 'bob' }, { cookie }), 403);
  assert.equal(await call('PUT', { ...mine, user: 'ada' }, { cookie: `theme=dark; ${cookie}` }), 201);
  // The worker tells again after the logout, and nothing changes; `forget` needs no login.
  assert.equal(await call('PUT', { ...mine, user: 'ada' }), 201);
  assert.equal(await call('PUT', { ...mine, user: null }), 201);
  assert.equal(await call('PUT', { ...mine, user: 'ada' }), 401);
});

test('a JWT decides, if it is signed by us, for us, and has not expired', async () => {
  const mine = { endpoint: endpoint('b'), keys, device: '2', user: 'bob' };
  for (const options of [{ secret: 'another secret of 32 bytes, or so' }, { alg: 'HS384', secret: SECRET.repeat(2) }, { audience: 'https://other.example' }, { expires: '-1m' }]) {
    assert.equal(await call('PUT', mine, await bearer('bob', options)), 401, JSON.stringify(options));
  }
  assert.equal(await call('PUT', mine, await bearer('ada')), 403);
  assert.equal(await call('PUT', mine, await bearer('bob')), 201);
});

test('who does not know its secret takes over no subscription', async () => {
  assert.equal(await call('PUT', { endpoint: endpoint('b'), keys: { ...keys, auth: 'guess' }, device: '3', user: null }), 403);
  assert.equal(await call('PUT', { endpoint: endpoint('c'), keys, device: '3', user: 'bob', replaces: { endpoint: endpoint('b'), auth: 'guess' } }), 401);
  assert.equal(await call('PUT', { endpoint: endpoint('c'), keys, device: '2', user: 'bob', replaces: { endpoint: endpoint('b'), auth: 'secret' } }), 201);
  assert.equal(await call('PUT', { endpoint: endpoint('d'), keys, device: '4' }, { 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(await call('PUT', { endpoint: 'http://127.0.0.1/', keys, device: '4' }), 400);
});
