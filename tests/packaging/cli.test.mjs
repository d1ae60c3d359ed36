// `npx tidings` as it is packed: its commands, what they print, and how they end.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createECDH, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { temporaryFolder } from '../e2e/lib/processes.mjs';
import { unpacked } from './lib/project.mjs';

const folder = await unpacked();
const program = path.join(folder, 'dist/cli.js');
const worker = readFileSync(path.join(folder, 'dist/worker.js'));

/** Runs it; never rejects. @returns {Promise<{ code: number, out: string, err: string }>} */
const tidings = (/** @type {string[]} */ args, cwd = folder) =>
  new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd }, (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }));
  });

/** A new app with these files. */
function app(/** @type {Record<string, string | object>} */ files = {}) {
  const made = temporaryFolder('app');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(made, name)), { recursive: true });
    writeFileSync(path.join(made, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return { made, read: (/** @type {string} */ name) => readFileSync(path.join(made, name)) };
}

describe('the program', () => {
  test('is one file that Node runs, with help for each command', async () => {
    assert.ok(statSync(program).mode & 0o100, 'may be executed');
    assert.match(readFileSync(program, 'utf8'), /^#!\/usr\/bin\/env node\n/);
    for (const args of [['--help'], ['init', '--help'], ['keys', '--help'], ['doctor', '--help']]) {
      const { code, out } = await tidings(args);
      assert.equal(code, 0);
      assert.match(out, /Usage: npx tidings/);
    }
  });

  test('says what it does not know, and ends with 2', async () => {
    for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
      [['sned'], /no command sned; there are init, keys, doctor/],
      [['keys', '--pem'], /Unknown option '--pem'; see npx tidings keys --help/],
      [['keys', 'x'], /keys does not take “x”/],
      [['keys', '--env', '--json'], /not both/],
      [['keys', '--contact', 'me'], /mailto:/],
      [['doctor'], /which site\?/],
      [['doctor', 'example'], /no http or https URL/],
      [['init', '--as', '../x.js'], /file name/],
    ])) {
      const { code, err } = await tidings(args);
      assert.match(err, message);
      assert.equal(code, 2, args.join(' '));
    }
    assert.equal((await tidings([])).code, 2);
  });
});

describe('keys', () => {
  /** Both halves belong together. */
  const check = (/** @type {string} */ publicKey, /** @type {string} */ privateKey) => {
    const ecdh = createECDH('prime256v1');
    ecdh.setPrivateKey(privateKey, 'base64url');
    assert.equal(ecdh.getPublicKey('base64url'), publicKey);
  };

  test('for people, as JSON, and for .env', async () => {
    const [, publicKey = '', privateKey = ''] = /public key +(\S+)\nprivate key +(\S+)/.exec((await tidings(['keys'])).out) ?? [];
    check(publicKey, privateKey);
    const json = JSON.parse((await tidings(['keys', '--json'])).out);
    check(json.publicKey, json.privateKey);
    const env = Object.fromEntries((await tidings(['keys', '--env', '--contact', 'mailto:me@example.com'])).out.trim().split('\n').map((line) => line.split('=')));
    check(env.VAPID_PUBLIC_KEY, env.VAPID_PRIVATE_KEY);
    assert.equal(env.VAPID_SUBJECT, 'mailto:me@example.com');
  });

  test('a key is checked', async () => {
    const { publicKey } = JSON.parse((await tidings(['keys', '--json'])).out);
    assert.equal((await tidings(['keys', '--check', publicKey])).code, 0);
    const off = Buffer.from(publicKey, 'base64url');
    off[64] ^= 1;
    assert.throws(() => createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: off.subarray(1, 33).toString('base64url'), y: off.subarray(33).toString('base64url') }, format: 'jwk' }));
    for (const [key, why] of /** @type {[string, RegExp][]} */ ([
      [off.toString('base64url'), /not on the curve/], [publicKey.slice(2), /64 bytes|63 bytes/], ['a+b=', /base64url/],
    ])) {
      const { code, err } = await tidings(['keys', '--check', key]);
      assert.match(err, why);
      assert.match(err, /npx tidings keys/);
      assert.equal(code, 1);
    }
  });
});

describe('init', () => {
  const uses = (/** @type {string[]} */ ...names) => ({ dependencies: Object.fromEntries(names.map((name) => [name, '1'])) });

  test('finds where each framework serves its files', async () => {
    for (const [files, name, at] of /** @type {[Record<string, any>, RegExp, string][]} */ ([
      [{ 'package.json': uses('vite') }, /Vite/, 'public/worker.js'],
      [{ 'package.json': uses('next', 'react') }, /Next/, 'public/worker.js'],
      [{ 'package.json': uses('@angular/core'), 'public/favicon.ico': '' }, /Angular/, 'public/worker.js'],
      [{ 'package.json': uses('@angular/core'), 'src/index.html': '' }, /Angular.*angular\.json must serve it/s, 'src/worker.js'],
      [{ 'package.json': uses('@sveltejs/kit', 'vite') }, /SvelteKit/, 'static/worker.js'],
      [{ 'index.html': '' }, /without a framework/, 'worker.js'],
      [{ 'public/index.html': '' }, /without a framework/, 'public/worker.js'],
    ])) {
      const { made, read } = app(files);
      const { code, out, err } = await tidings(['init'], made);
      assert.equal(code, 0, err);
      assert.match(out, name);
      assert.deepEqual(read(at), worker, at);
      assert.match(out, /createPush\(\{ worker: '\/worker\.js'/);
    }
  });

  test('names the base path that the configuration gives', async () => {
    const { made } = app({ 'package.json': uses('vite'), 'vite.config.js': "export default { base: '/shop/' };" });
    assert.match((await tidings(['init'], made)).out, /worker: '\/shop\/worker\.js'/);
  });

  test('updates its own file, and leaves another’s alone', async () => {
    const { made, read } = app({ 'public/worker.js': `/* old */${worker}` });
    assert.match((await tidings(['init'], made)).out, /updated/);
    assert.match((await tidings(['init'], made)).out, /up to date/);

    const theirs = app({ 'public/worker.js': "importScripts('/tidings.js')" });
    const refused = await tidings(['init'], theirs.made);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /not Tidings'.*importScripts\('\/tidings-worker\.js'\).*--force/s);
    assert.equal(String(theirs.read('public/worker.js')), "importScripts('/tidings.js')");
    assert.equal((await tidings(['init', '--as', 'tidings-worker.js'], theirs.made)).code, 0);
    assert.deepEqual(theirs.read('public/tidings-worker.js'), worker);
    assert.equal((await tidings(['init', '--force'], theirs.made)).code, 0);
    assert.deepEqual(theirs.read('public/worker.js'), worker);
    assert.deepEqual(read('public/worker.js'), worker);
  });

  test('joins the worker that another tool makes', async () => {
    const { made, read } = app({ 'package.json': uses('vite', 'vite-plugin-pwa') });
    const { out } = await tidings(['init'], made);
    assert.match(out, /vite-plugin-pwa makes the service worker.*importScripts\('\/tidings-worker\.js'\)/s);
    assert.deepEqual(read('public/tidings-worker.js'), worker);
  });

  test('says what is missing', async () => {
    const { made } = app({ 'package.json': '{' });
    assert.match((await tidings(['init'], made)).err, /package\.json is no JSON/);
    assert.match((await tidings(['init', 'nowhere'], made)).err, /There is no folder nowhere/);
    const bare = app();
    assert.match((await tidings(['init', '--public', 'nowhere'], bare.made)).err, /There is no folder .*nowhere.*--public/s);
  });
});

describe('doctor', () => {
  /** @typedef {{ status?: number, type?: string, body?: string | Buffer, headers?: Record<string, string> }} Answer */
  /** @type {Record<string, Answer>} */
  let site;
  const server = http.createServer((request, response) => {
    const { status = 200, type = 'text/html', body = '', headers = {} } = site[request.url ?? ''] ?? { status: 404 };
    response.writeHead(status, { 'content-type': type, ...headers }).end(body);
  });
  let origin = '';
  const key = createECDH('prime256v1').generateKeys('base64url');

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`;
  });
  after(() => server.close());
  beforeEach(() => {
    site = {
      '/': { body: '<!doctype html><link rel="manifest" href="/app.webmanifest">', headers: { 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'" } },
      '/worker.js': { type: 'text/javascript', body: worker },
      '/app.webmanifest': { type: 'application/manifest+json', body: JSON.stringify({ name: 'App', display: 'standalone', icons: [{ src: '/icon.png' }] }) },
      '/api/v1/key': { type: 'application/json', body: JSON.stringify({ publicKey: key }) },
    };
  });

  test('a site that is well', async () => {
    const { code, out } = await tidings(['doctor', origin]);
    assert.equal(code, 0, out);
    assert.doesNotMatch(out, /[✗!]/);
    assert.match(out, /A push can arrive here/);
    const json = JSON.parse((await tidings(['doctor', origin, '--json'])).out);
    assert.equal(json.ok, true);
    assert.ok(json.findings.every((/** @type {any} */ { state }) => state === 'good'));
  });

  /** What is changed, what is said with the remedy, and whether a push could arrive all the same. */
  const CASES = /** @type {[string, () => void, RegExp, number, string[]?][]} */ ([
    ['no worker', () => delete site['/worker.js'], /✗ \/worker\.js answers with status 404\n.*npx tidings init/, 1],
    ['a fallback page', () => { site['/worker.js'] = { body: '<!doctype html>' }; }, /✗ \/worker\.js is a web page/, 1],
    ['a wrong type', () => { site['/worker.js'] = { type: 'text/plain', body: worker }; }, /served as “text\/plain”\n.*text\/javascript/, 1],
    ['a redirected worker', () => { site['/worker.js'] = { status: 302, headers: { location: '/other.js' } }; site['/other.js'] = { type: 'text/javascript', body: worker }; }, /is redirected to .*\/other\.js/, 1],
    ['a worker without WASM', () => { site['/worker.js'] = { type: 'text/javascript', body: worker, headers: { 'content-security-policy': "default-src 'self'" } }; }, /✗ The worker's own.*blocks WebAssembly.*\n.*'wasm-unsafe-eval'/, 1],
    ['a page without WASM', () => { site['/'] = { body: `<meta http-equiv="Content-Security-Policy" content="script-src 'self'">` }; }, /✗ The page's.*blocks WebAssembly/, 1],
    ['a page without workers', () => { site['/'] = { headers: { 'content-security-policy': "worker-src 'none'" } }; }, /✗ The page's.*blocks the service worker/, 1],
    ['Trusted Types', () => { site['/'] = { headers: { 'content-security-policy': "require-trusted-types-for 'script'" } }; }, /! Trusted Types are enforced/, 0],
    ['a scope beside the page', () => { site['/sw/worker.js'] = { type: 'text/javascript', body: worker }; }, /✗ Its scope is \/sw\/.*outside\n.*Service-Worker-Allowed/, 1, ['--worker', '/sw/worker.js']],
    ['another worker', () => { site['/worker.js'] = { type: 'text/javascript', body: 'self.onpush = () => {}' }; }, /! It does not look like Tidings/, 0],
    ['no manifest', () => { site['/'] = {}; }, /! On iOS.*no manifest/, 0],
    ['a manifest for a tab', () => { site['/app.webmanifest'] = { body: '{"display":"browser","icons":[{}]}' }; }, /! On iOS.*display is browser\n.*standalone/, 0],
    ['no server', () => delete site['/api/v1/key'], /! No key at \/api\/v1\/key.*\n.*--key/, 0],
    ['no such server', () => {}, /✗ No key at \/push\/key/, 1, ['--server', '/push']],
    ['a wrong key', () => {}, /✗ The key of --key is none.*base64url/, 1, ['--key', 'a+b']],
    ['a wrong key of the server', () => { site['/api/v1/key'] = { body: '{"publicKey":"AAAA"}' }; }, /✗ The key of \/api\/v1\/key is none.*3 bytes/, 1],
  ]);
  for (const [name, change, message, expected, more = []] of CASES) {
    test(name, async () => {
      change();
      const { code, out } = await tidings(['doctor', origin, ...more]);
      assert.match(out, message);
      assert.equal(code, expected, out);
    });
  }

  test('a site that does not answer, and one without https', async () => {
    const { code, out } = await tidings(['doctor', 'http://127.0.0.1:9']);
    assert.match(out, /✗ The page does not answer: /);
    assert.equal(code, 1);
    assert.match((await tidings(['doctor', 'http://127.0.0.2:9'])).out, /✗ http: browsers have push on https and localhost only\n.*Serve the site over https/);
  });
});
