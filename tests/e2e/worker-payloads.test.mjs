// Whatever arrives and whatever fails: exactly one notification, in the browser's list and on the desktop.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BROWSERS, PACKAGE, PROBE, startStage, workerScript } from './lib/app.mjs';
import { root } from './lib/processes.mjs';
import { stays } from './lib/wait.mjs';

/** The title where the message has none: the site's host. */
const HOST = Symbol('host');
/** Any title will do, if there is exactly one notification. */
const ANY = Symbol('any');

/** A declarative message. */
const message = (/** @type {object} */ notification = {}, /** @type {object} */ more = {}) => ({
  web_push: 8030,
  notification: { title: 'T', navigate: '/', ...notification },
  ...more,
});
const extras = (/** @type {unknown} */ tidings, /** @type {object} */ notification = {}) => message({ data: { tidings }, ...notification });
const bytes = (/** @type {number[]} */ ...values) => Buffer.from(values);
const deep = (/** @type {number} */ levels) => '['.repeat(levels) + ']'.repeat(levels);
const BAD_URL = 'https://[bad';

/** @typedef {[name: string, payload: unknown, title: string | symbol, body?: string]} Case */
/** @type {Case[]} */
const PAYLOADS = [
  // Nothing, and what is not JSON.
  ['no payload', null, HOST],
  ['a space', ' ', HOST],
  ['white space', '\n\t \r\n', HOST],
  ['text', 'Just text', HOST, 'Just text'],
  ['text with markup', '<b>bold</b> & <img src=x>', HOST],
  ['invalid UTF-8', bytes(0xff, 0xfe, 0x00, 0x80, 0xc3), HOST],
  ['a zero byte', bytes(0), HOST],
  ['all byte values', Buffer.from(Array.from({ length: 256 }, (_, value) => value)), HOST],
  ['a UTF-8 byte order mark alone', bytes(0xef, 0xbb, 0xbf), HOST],
  ['UTF-16', Buffer.from('﻿{"title":"T"}', 'utf16le'), HOST],
  ['a byte order mark and a message', Buffer.concat([bytes(0xef, 0xbb, 0xbf), Buffer.from(JSON.stringify(message()))]), 'T'],
  ['a message cut off', JSON.stringify(message()).slice(0, -3), HOST],
  ['a message with a trailing comma', '{"web_push":8030,"notification":{"title":"T","navigate":"/",}}', HOST],
  ['4 kB of [', '['.repeat(3990), HOST],
  ['4 kB of {"a":', '{"a":'.repeat(798), HOST],
  ['lists in lists', deep(1990), HOST],
  ['form data', 'title=T&body=B', HOST],

  // JSON, but no message.
  ['a number', '42', HOST],
  ['a number out of range', '1e999', HOST],
  ['true', 'true', HOST],
  ['null', 'null', HOST],
  ['a JSON string', '"text"', HOST],
  ['an empty JSON string', '""', HOST],
  ['an empty list', '[]', HOST],
  ['a list with a message in it', [message()], HOST],
  ['an empty object', {}, HOST],
  ['a notification of null', { notification: null }, HOST],
  ['a notification that is a list', { web_push: 8030, notification: [] }, HOST],
  ['a notification that is text', { web_push: 8030, notification: 'T' }, HOST],
  ['the number alone', { web_push: 8030 }, HOST],
  ['another number', { web_push: 8031, notification: { title: 'T', navigate: '/' } }, 'T'],
  ['a flat legacy message', { title: 'T', body: 'Its body' }, 'T', 'Its body'],
  ['a nested legacy message', { notification: { title: 'T', body: 'Its body' } }, 'T', 'Its body'],
  ['a legacy message with options of all wrong types', { title: 'T', body: 1, icon: {}, tag: [], data: null, actions: 5, vibrate: 'x', silent: 'y', navigate: 7 }, 'T'],
  ['a legacy message with a bad URL', { title: 'T', navigate: BAD_URL, icon: BAD_URL }, 'T'],
  ['a data message as FCM has it', { data: { score: '850' }, from: '1', priority: 'high' }, HOST],

  // Titles.
  ['a title of null', message({ title: null }), HOST],
  ['a title that is a number', message({ title: 5 }), HOST],
  ['a title that is an object', message({ title: { toString: 'x' } }), HOST],
  ['an empty title', message({ title: '' }), ANY],
  ['a title of spaces', message({ title: '   ' }), ANY],
  ['a huge title', message({ title: 'T'.repeat(3500) }), ANY],
  ['a huge body', message({ body: 'B'.repeat(3500) }), 'T'],
  ['a title from right to left', message({ title: 'שלום \u202eעולם', dir: 'rtl', lang: 'he' }), ANY],
  ['emoji, also joined and half ones', '{"web_push":8030,"notification":{"navigate":"/","title":"👩‍👩‍👧 \\ud83d","body":"\\udc00🏳️‍🌈"}}', ANY],
  ['control characters', '{"web_push":8030,"notification":{"navigate":"/","title":"a\\u0000b\\u0001c\\u001b\\u007f\\u2028","body":"\\u0000\\u0008"}}', ANY],

  // Options.
  ['wrong types everywhere', message({ body: 3, tag: [], dir: 5, lang: {}, icon: 1, image: false, badge: null, vibrate: 'x', timestamp: 'y', renotify: 'z', silent: 'q', requireInteraction: 1, actions: 'no' }, { mutable: 'x', app_badge: {} }), 'T'],
  ['null everywhere', message({ body: null, tag: null, dir: null, lang: null, icon: null, image: null, badge: null, vibrate: null, timestamp: null, renotify: null, silent: null, requireInteraction: null, actions: null, data: null }, { mutable: null, app_badge: null }), 'T'],
  ['silent and vibrate', message({ silent: true, vibrate: [100, 50] }), 'T'],
  ['renotify without a tag', message({ renotify: true }), 'T'],
  ['renotify with an empty tag', message({ renotify: true, tag: '' }), 'T'],
  ['renotify with a tag', message({ renotify: true, tag: 'renotify' }), 'T'],
  ['a long tag', message({ tag: 't'.repeat(2000) }), 'T'],
  ['a language that is none', message({ lang: 'no such language!' }), 'T'],
  ['a direction in capitals', message({ dir: 'RTL' }), 'T'],
  ['a long vibration', message({ vibrate: Array(1000).fill(1) }), 'T'],
  ['vibrations out of range', message({ vibrate: [-1, 1.5, 2 ** 33, 1e300] }), 'T'],
  ['a time out of range', message({ timestamp: 1e300 }), 'T'],
  ['the last time there is', '{"web_push":8030,"notification":{"title":"T","navigate":"/","timestamp":18446744073709551615}}', 'T'],
  ['a time before 1970', message({ timestamp: -1 }), 'T'],
  ['50 actions', message({ actions: Array.from({ length: 50 }, (_, i) => ({ action: `a${i}`, title: `A${i}`, navigate: `/${i}` })) }), 'T'],
  ['actions that are none', message({ actions: [null, 1, 'x', [], {}, { action: 1, title: 2, navigate: 3 }, { action: 'a' }] }), 'T'],
  ['actions of the same name', message({ actions: [1, 2].map((i) => ({ action: 'same', title: `A${i}`, navigate: `/${i}` })) }), 'T'],
  ['an action without a name', message({ actions: [{ action: '', title: '', navigate: '' }] }), 'T'],
  ['an action named like a member of every object', message({ actions: ['__proto__', 'constructor', 'toString'].map((action) => ({ action, title: action, navigate: '/' })) }), 'T'],

  // URLs.
  ['a bad URL in navigate', message({ navigate: BAD_URL }), 'T'],
  ['a number in navigate', message({ navigate: 7 }), 'T'],
  ['a script in navigate', message({ navigate: 'javascript:alert(1)' }), 'T'],
  ['a data URL in navigate', message({ navigate: 'data:text/html,hello' }), 'T'],
  ['about:blank in navigate', message({ navigate: 'about:blank' }), 'T'],
  ['a bad URL in icon', message({ icon: BAD_URL }), 'T'],
  ['an icon that is missing', message({ icon: '/missing.png' }), 'T'],
  ['an icon that is no picture', message({ icon: '/observer' }), 'T'],
  ['a bad URL in image', message({ image: BAD_URL }), 'T'],
  ['a bad URL in badge', message({ badge: BAD_URL }), 'T'],
  ['bad URLs in an action', message({ actions: [{ action: 'a', title: 'A', navigate: BAD_URL, icon: BAD_URL }] }), 'T'],
  ['a script in an action', message({ actions: [{ action: 'a', title: 'A', navigate: 'javascript:alert(1)' }] }), 'T'],

  // Members nobody knows, and those that every object has.
  ['unknown members', message({ foo: 1, options: { title: 'x' }, showTrigger: {} }, { bar: [], extra: null }), 'T'],
  ['the same member twice', '{"web_push":1,"web_push":8030,"notification":{"title":"x"},"notification":{"title":"x","title":"T","navigate":"/"}}', 'T'],
  ['__proto__ of the message', '{"__proto__":{"web_push":8030,"notification":{"title":"x","navigate":"/"}}}', HOST],
  ['__proto__ of the notification', '{"web_push":8030,"notification":{"title":"T","navigate":"/","__proto__":{"body":"x","silent":true,"vibrate":[1]}}}', 'T'],
  ['__proto__ in data', '{"web_push":8030,"notification":{"title":"T","navigate":"/","data":{"__proto__":{"tidings":{"click":"open"}},"tidings":{"__proto__":{"id":"x"}}}}}', 'T'],
  ['members of every object', '{"web_push":8030,"notification":{"title":"T","navigate":"/","toString":1,"valueOf":2,"constructor":3,"hasOwnProperty":4,"then":5}}', 'T'],

  // Data and extras.
  ['data of null', message({ data: null }), 'T'],
  ['data that is a list', message({ data: [1, [2]] }), 'T'],
  ['data that is text', message({ data: 'text' }), 'T'],
  ['data 900 levels deep', `{"web_push":8030,"notification":{"title":"T","navigate":"/","data":${deep(900)}}}`, 'T'],
  ['extras that are a number', extras(5), 'T'],
  ['extras of null', extras(null), 'T'],
  ['extras that are a list', extras(['id']), 'T'],
  ['extras of all wrong types', extras({ id: 5, expires: 'soon', click: 7, actions: [], deliver: 1, retract: 'x', refresh: { a: 1 }, receipts: [] }), 'T'],
  ['an unknown policy', extras({ click: 'jump', actions: { a: 'fly', b: null } }), 'T'],
  ['a message that has expired', extras({ expires: 1 }), 'T'],
  ['the first of two with the same id', extras({ id: 'same' }, { body: 'first' }), 'T', 'first'],
  ['the second of two with the same id', extras({ id: 'same' }, { body: 'second' }), 'T', 'second'],
  ['a message that retracts itself', extras({ id: 'self', retract: ['self', 'self-tag'] }, { tag: 'self-tag' }), 'T'],
  ['a list of nonsense to retract', extras({ retract: [null, 5, {}, '', '__proto__'] }), 'T'],
  ['URLs to refresh that are bad, foreign and missing', extras({ refresh: [BAD_URL, 5, null, 'https://elsewhere.example/', '/missing'] }), 'T'],
  ['a bad URL for receipts', extras({ receipts: BAD_URL }), 'T'],
  ['a badge that is text', message({}, { app_badge: '12' }), 'T'],
  ['a badge below zero', message({}, { app_badge: -1 }), 'T'],
  ['a badge out of range', message({}, { app_badge: 1e300 }), 'T'],
  ['a badge', message({}, { app_badge: 7 }), 'T'],
];

const invalid = Buffer.concat([Buffer.from('{"web_push":8030,"notification":{"navigate":"/","title":"T","body":"a'), bytes(0xff), Buffer.from('"}}')]);
/** Where the browsers differ before any worker. @type {Record<import('./lib/browsers.mjs').BrowserName, Case[]>} */
const PAYLOADS_OF = {
  chromium: [
    // It hands over a payload that is not UTF-8 as if there were none, and no event at all for one of no bytes.
    ['a message with invalid UTF-8 in its body', invalid, HOST],
  ],
  firefox: [
    ['a message with invalid UTF-8 in its body', invalid, 'T', 'a\ufffd'],
    ['a payload of no bytes', Buffer.alloc(0), HOST],
    // Chromium for Linux itself ends when such a title reaches its D-Bus.
    ['characters outside of Unicode', '{"web_push":8030,"notification":{"navigate":"/","title":"\\uffff\\ufffe","body":"\\uffff"}}', ANY],
  ],
};

const hook = (/** @type {string} */ name, /** @type {object} */ more = {}) => message({ body: 'declared', data: { hook: name }, ...more });

/** What an app may do in its hook. The deadline is 300 ms. */
const HOOKS = `
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const show = (title, options) => registration.showNotification(title, options);
const behaviours = {
  nothing() {},
  throws() { throw new Error('the hook'); },
  'throws undefined'() { throw undefined; },
  async rejects() { await later(20); throw new Error('the hook'); },
  'never resolves': () => new Promise(() => {}),
  'a thenable that throws': () => ({ then() { throw new Error('then'); } }),
  'a member that throws': () => ({ get title() { throw new Error('title'); } }),
  'shows one': (message) => show('Own', { body: message.options.body }),
  'shows one and changes': async () => { await show('Own'); return { title: 'Changed' }; },
  'shows one without waiting': () => { show('Own'); },
  'shows one and throws': () => { show('Own'); throw new Error('the hook'); },
  'shows one and never resolves': () => { show('Own'); return new Promise(() => {}); },
  async 'shows one in time'() { await later(100); await show('Own'); },
  async 'shows two'() { await show('First'); await show('Second'); },
  'shows two at once': () => Promise.all([show('First'), show('Second')]),
  async 'shows one too late'() { await later(600); await show('Too late'); },
  async 'shows one that fails'() { await show('Own', { data() {} }); },
  'returns a number': () => 5,
  'returns text': () => 'text',
  'returns a list': () => [1, 2],
  'returns a function': () => () => {},
  'returns null': () => null,
  'returns wrong types': () => ({ title: 5, navigate: {}, options: 'x' }),
  'returns a title': () => ({ title: 'Changed' }),
  'returns options': () => ({ options: { body: 'changed', silent: true } }),
  'returns options that contradict': () => ({ options: { silent: true, vibrate: [1], renotify: true, tag: '' } }),
  'returns data that cannot be cloned': () => ({ options: { data: { f() {} } } }),
  'returns wrong options': () => ({ options: { body: Symbol(), actions: 5, dir: 'up', timestamp: 'x', vibrate: {} } }),
  'returns a bad URL': () => ({ navigate: 'https://[bad' }),
  async 'is slow, but in time'() { await later(150); return { title: 'Changed' }; },
  async 'is too late'() { await later(600); return { title: 'Too late' }; },
  'freezes the message': (message) => { Object.freeze(message); Object.freeze(message.options); },
  'changes the message': (message) => { message.title = 5; message.options = null; },
};
`;
/** @type {Case[]} */
const HOOK_CASES = [
  ...['nothing', 'throws', 'throws undefined', 'rejects', 'never resolves', 'a thenable that throws'],
  ...['returns a number', 'returns text', 'returns a list', 'returns a function', 'returns null', 'returns wrong types'],
  ...['returns a bad URL', 'is too late', 'shows one too late', 'returns options that contradict', 'shows one that fails', 'freezes the message'],
].map((name) => /** @type {Case} */ ([name, hook(name), 'T', 'declared']));
HOOK_CASES.push(
  ...['shows one', 'shows one and changes', 'shows one without waiting', 'shows one and throws', 'shows one and never resolves', 'shows one in time'].map(
    (name) => /** @type {Case} */ ([name, hook(name), 'Own']),
  ),
  ['shows two', hook('shows two'), 'First'],
  ['shows two at once', hook('shows two at once'), 'First'],
  ['returns a title', hook('returns a title'), 'Changed', 'declared'],
  ['returns options', hook('returns options'), 'T', 'changed'],
  ['returns data that cannot be cloned', hook('returns data that cannot be cloned'), 'T'],
  ['returns wrong options', hook('returns wrong options'), 'T'],
  ['is slow, but in time', hook('is slow, but in time'), 'Changed'],
  ['changes the message', hook('changes the message'), ANY],
  ['shows one of a push that is not declarative', { title: 'T', data: { hook: 'shows one' } }, 'Own'],
  ['throws for a push that is not declarative', { title: 'T', data: { hook: 'throws' } }, 'T'],
);

const MAP = `
const maps = {
  throws() { throw new Error('map'); },
  nothing() {},
  null: () => null,
  number: () => 5,
  list: () => [],
  promise: async () => ({ title: 'Mapped' }),
  'wrong types': () => ({ title: 5, body: {}, navigate: [] }),
  flat: ({ text }) => ({ title: 'Mapped', body: text, navigate: '/mapped' }),
  'without navigate': () => ({ title: 'Mapped' }),
  'bad URL': () => ({ title: 'Mapped', navigate: 'https://[bad' }),
  whole: () => ({ web_push: 8030, notification: { title: 'Mapped', navigate: '/mapped' } }),
  contradiction: () => ({ title: 'Mapped', silent: true, vibrate: [1], renotify: true }),
};
self.TIDINGS = { map: (payload) => maps[payload.app]?.(payload), title: 'Acme', icon: '/missing.png', badge: '/missing.png', receipts: { url: '/missing', jitter: 0 } };
`;
/** @type {Case[]} */
const MAP_CASES = [
  ...['throws', 'nothing', 'null', 'number', 'list', 'wrong types'].map((app) => /** @type {Case} */ ([`map: ${app}`, { app }, 'Acme'])),
  ['map: promise', { app: 'promise' }, ANY],
  ['map: flat', { app: 'flat', text: 'Its text' }, 'Mapped', 'Its text'],
  ['map: without navigate', { app: 'without navigate' }, 'Mapped'],
  ['map: bad URL', { app: 'bad URL' }, ANY],
  ['map: whole', { app: 'whole' }, 'Mapped'],
  ['map: contradiction', { app: 'contradiction' }, ANY],
  ['map is not asked of a declarative message', message({ data: { app: 'throws' } }), 'T'],
  ['the default title of an empty push', null, 'Acme'],
  ['the default title of text', 'text', 'Acme', 'text'],
  ['another missing URL for receipts', extras({ receipts: '/missing/too' }), 'T'],
];

/** Every kind of payload once, for the situations. @type {Case[]} */
const KINDS = [
  ['a message', message({ body: 'B', tag: 'kinds', actions: [{ action: 'a', title: 'A', navigate: '/a' }], data: { a: 1, tidings: { refresh: ['/observer'], retract: ['x'], receipts: '/observer' } } }, { app_badge: 3 }), 'T', 'B'],
  ['no payload', null, HOST],
  ['text', 'Just text', HOST],
  ['null', 'null', HOST],
  ['invalid UTF-8', bytes(0xff, 0x00), HOST],
  ['a legacy message', { title: 'T', body: 'B' }, 'T', 'B'],
];

/** Where the text of the WASM stands in the script: its longest string. */
function inlinedText(/** @type {string} */ script) {
  let longest = { index: 0, length: 0 };
  for (const { index, 0: text } of script.matchAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g)) {
    if (text.length > longest.length) longest = { index, length: text.length };
  }
  assert.ok(longest.length > 4000, `the inlined WASM is not where it is looked for: ${longest.length}`);
  return longest;
}

/** The worker with a module that does not compile: a piece from the middle of its text is cut out or overwritten. */
function corrupt(/** @type {string} */ script, /** @type {string} */ replacement) {
  const { index, length } = inlinedText(script);
  const middle = index + Math.floor(length / 2);
  return script.slice(0, middle) + replacement + script.slice(middle + 40);
}

/** Every call into the module traps. */
const TRAPS = `
const RealInstance = WebAssembly.Instance;
WebAssembly.Instance = function (...args) {
  const { exports } = new RealInstance(...args);
  const trap = () => { throw new WebAssembly.RuntimeError('unreachable'); };
  return { exports: Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, typeof value === 'function' ? trap : value])) };
};
`;

/** The n-th call out of the module after the push has arrived traps; the message says which. */
const CHAOS = `
let left = Infinity;
self.addEventListener('push', (event) => { try { left = event.data.json().notification.data.trap; } catch { left = Infinity; } });
const RealInstance = WebAssembly.Instance;
WebAssembly.Instance = function (module, imports) {
  const trapping = {};
  for (const [space, functions] of Object.entries(imports)) {
    trapping[space] = { __proto__: null };
    for (const [name, value] of Object.entries(functions)) {
      trapping[space][name] = typeof value !== 'function' ? value : (...args) => {
        if (left-- === 0) throw new WebAssembly.RuntimeError('unreachable');
        return value(...args);
      };
    }
  }
  return new RealInstance(module, trapping);
};
`;
/** Which calls trap, in one run: from the very first to far behind the notification. */
const TRAPPED = [0, 1, 2, 4, 7, 12, 20, 30, 45, 70, 110];

const SETTINGS = "self.TIDINGS = { receipts: { url: '/observer', jitter: 0 } };";
/** Situations: what a worker finds around it. Each has its own worker, and gets every kind of payload. */
const SITUATIONS = {
  'the main script, options before it': ["self.TIDINGS = { ...self.TIDINGS, title: 'x', accepts: 'all' }; delete self.TIDINGS.title;"],
  'IndexedDB throws': ["Object.defineProperty(self, 'indexedDB', { get() { throw new DOMException('blocked', 'SecurityError'); } });"],
  'IndexedDB never answers': ["const request = new EventTarget(); Object.defineProperty(self, 'indexedDB', { value: { open: () => request, deleteDatabase: () => request } });"],
  'IndexedDB fails': [
    "Object.defineProperty(self, 'indexedDB', { value: { open() { const request = new EventTarget(); request.error = new DOMException('no', 'UnknownError'); setTimeout(() => { const event = new Event('error'); request.dispatchEvent(event); request.onerror?.(event); }); return request; } } });",
  ],
  'clients.matchAll rejects': ["clients.matchAll = () => Promise.reject(new Error('clients'));"],
  'clients.matchAll throws': ["clients.matchAll = () => { throw new Error('clients'); };"],
  'caches fail': ["Object.defineProperty(self, 'caches', { value: { open: () => Promise.reject(new DOMException('no', 'SecurityError')) } });"],
  'there are no caches': ["Object.defineProperty(self, 'caches', { get() { throw new DOMException('no', 'SecurityError'); } });"],
  'fetch fails': ["const report = self.report; const real = self.fetch; self.fetch = (url, ...rest) => (url === '/report' ? real(url, ...rest) : Promise.reject(new TypeError('offline')));"],
  'the badge fails': ["navigator.setAppBadge = () => Promise.reject(new TypeError('badge')); navigator.clearAppBadge = () => { throw new TypeError('badge'); };"],
  'getNotifications fails': ["registration.getNotifications = () => Promise.reject(new Error('list'));"],
  'the browser tells nothing of notifications': ['delete self.Notification;'],
  'showNotification rejects once': [
    "const show = registration.showNotification; let fail; self.addEventListener('push', () => { fail = true; }); registration.showNotification = function (...args) { if (fail) { fail = false; return Promise.reject(new TypeError('once')); } return show.apply(registration, args); };",
  ],
  'showNotification throws once': [
    "const show = registration.showNotification; let fail; self.addEventListener('push', () => { fail = true; }); registration.showNotification = function (...args) { if (fail) { fail = false; throw new TypeError('once'); } return show.apply(registration, args); };",
  ],
  'showNotification refuses options': [
    "const show = registration.showNotification; registration.showNotification = function (title, options) { return options?.actions || options?.tag ? Promise.reject(new TypeError('options')) : show.call(registration, title, options); };",
  ],
};

for (const name of BROWSERS) {
  describe(`exactly one notification in ${name}`, { timeout: 240_000 }, () => {
    /** @type {import('./lib/app.mjs').Stage} */
    let stage;
    let pushes = 0;
    const script = existsSync(path.join(PACKAGE, 'worker.js')) ? workerScript() : '';
    const host = () => new URL(stage.app.origin).host;

    /** Workers by scope. @type {Map<string, { parts: string[], headers?: Record<string, string>, options?: RegistrationOptions }>} */
    const workers = new Map();
    const worker = (/** @type {string} */ id, /** @type {string[]} */ parts, /** @type {Record<string, string>} */ headers = {}, /** @type {RegistrationOptions} */ options = {}) => {
      workers.set(id, { parts, headers, options });
      return `/${id}/`;
    };
    /** Registers a worker when the first test needs it. */
    const ready = async (/** @type {string} */ scope) => {
      const id = scope.slice(1, -1);
      const found = workers.get(id);
      if (!found) return;
      workers.delete(id);
      await stage.subscribe(stage.app.addWorker(id, [PROBE, ...found.parts], found.headers), scope, found.options);
    };

    const once = async (/** @type {string} */ scope, /** @type {Case} */ [, payload, title, body], /** @type {object} */ options = {}) => {
      await ready(scope);
      pushes += 1;
      const result = await stage.pushOnce(scope, payload, options);
      const expected = title === HOST ? host() : title;
      if (title !== ANY) {
        assert.equal(result.listed.title, expected);
        assert.equal(result.seen.summary, expected);
      }
      if (body !== undefined) assert.equal(result.listed.body, body);
      return result;
    };

    before(async () => {
      stage = await startStage(name);
      await stage.observe();
    });
    after(() => stage?.stop());

    describe('whatever arrives', () => {
      const scope = worker('plain', [script]);
      for (const one of [...PAYLOADS, ...PAYLOADS_OF[name]]) test(one[0], () => once(scope, one));
    });

    describe('whatever the app’s hook does', () => {
      const scope = worker('hooks', [HOOKS, 'self.TIDINGS = { deadline: 300, onPush: (message, event) => behaviours[message.data?.hook]?.(message, event) };', script]);
      for (const one of HOOK_CASES) test(one[0], () => once(scope, one, one[0].includes('late') ? { quiet: 700 } : {}));
      const wild = worker('hooks-wild', [HOOKS, 'self.TIDINGS = { deadline: 300, onPush: (message, event) => behaviours[message.data?.hook]?.(message, event) };', script]);
      test('returns a member that throws, and is asked again', async () => {
        await once(wild, ['', hook('a member that throws'), ANY]);
        await once(wild, ['', hook('returns a title'), 'Changed']);
      });
    });

    describe('whatever the app’s mapper does', () => {
      const scope = worker('map', [MAP, script]);
      for (const one of MAP_CASES) test(one[0], () => once(scope, one));
    });

    describe('without WASM', () => {
      for (const [what, parts, headers] of /** @type {const} */ ([
        ['blocked', [script], { 'content-security-policy': "script-src 'self'" }],
        ['cut', [script && corrupt(script, '')]],
        ['overwritten', [script && corrupt(script, '~'.repeat(40))]],
        ['trapping', [TRAPS, script]],
        ['absent', ['delete self.WebAssembly;', script]],
      ])) {
        const scope = worker(`wasm-${what}`, [...parts], headers);
        for (const one of KINDS) test(`${what}: ${one[0]}`, () => once(scope, one));
      }
    });

    describe('a module that traps on the way', () => {
      const scope = worker('chaos', [CHAOS, script]);
      for (const trap of TRAPPED) {
        test(`at its call ${trap}`, async () => {
          await ready(scope);
          await stage.browser.stopWorkers(); // A module that has trapped is not used again.
          await once(scope, ['', message({ data: { trap } }), 'T']);
          await once(scope, ['', message({ title: 'Next' }), 'Next']);
        });
      }
    });

    describe('whatever surrounds it', () => {
      for (const [what, parts] of Object.entries(SITUATIONS)) {
        const scope = worker(`situation-${what.replace(/\W+/g, '-')}`, [SETTINGS, ...parts, script]);
        for (const one of KINDS) test(`${what}: ${one[0]}`, () => once(scope, one));
      }
    });

    test('a worker that never learns of its pages does not hold up the next push', async () => {
      const scope = worker('no-pages', ['clients.matchAll = () => new Promise(() => {});', script]);
      await ready(scope);
      const before = stage.desktop.calls.length;
      for (const title of ['One', 'Two']) await stage.push(scope, message({ title }));
      pushes += 2;
      await stage.desktop.waitFor(({ summary }) => summary === 'Two', 10_000, { since: before });
      assert.equal(stage.desktop.calls.length, before + 2);
      // Nobody closes a notification sooner, and Chromium would speak for the worker if somebody did.
      await stays(() => true, 600);
      await stage.clear(scope);
    });

    test('receipts that wait do not hold up the next push', async () => {
      const scope = worker('jitter', ["self.TIDINGS = { receipts: { url: '/observer', jitter: 60_000 } };", script]);
      await ready(scope);
      const before = stage.desktop.calls.length;
      for (const title of ['One', 'Two', 'Three']) await stage.push(scope, message({ title }));
      pushes += 3;
      await stage.desktop.waitFor(({ summary }) => summary === 'Three', 2_000, { since: before });
      await stays(() => true, 600);
      await stage.clear(scope);
    });

    describe('as a library', () => {
      const imported = worker('imported', ["importScripts('/tidings/worker.js');"]);
      test('imported, it shows what is declarative', () => once(imported, ['', message({ title: 'Declared' }), 'Declared']));
      const all = worker('imported-all', ["self.TIDINGS = { accepts: 'all', receipts: { url: '/observer', jitter: 0 } }; importScripts('/tidings/worker.js');"]);
      for (const one of KINDS) test(`imported for everything: ${one[0]}`, () => once(all, one));
      const own = worker('imported-own', [
        "self.addEventListener('push', (event) => { const own = event.data?.json(); if (own?.mine) event.waitUntil(registration.showNotification('The app’s')); });",
        "self.TIDINGS = { accepts: (payload) => payload?.yours === true }; importScripts('/tidings/worker.js');",
      ]);
      test('told which payloads are its own, it shows these', () => once(own, ['', { yours: true, title: 'Ours' }, 'Ours']));
      test('and leaves the app’s alone', () => once(own, ['', { mine: true, title: 'Not ours' }, 'The app’s']));
      const module = worker('module', ["import { listen } from '/tidings/worker.mjs';\nlisten({ accepts: 'all', title: 'Acme' });"], {}, { type: 'module' });
      test('as a module', async () => {
        stage.app.add('/tidings/worker.mjs', { type: 'text/javascript', body: readFileSync(path.join(PACKAGE, 'worker.mjs'), 'utf8') });
        await once(module, ['', message(), 'T']);
        await once(module, ['', null, 'Acme']);
      });
    });

    describe('the vectors for declarative messages', () => {
      const scope = worker('scope', [
        "navigator.setAppBadge = async (count) => self.report('badge', { count }); navigator.clearAppBadge = async () => self.report('badge', { count: 0 });",
        "self.TIDINGS = { onPush: (message) => self.report('message', { message }) };",
        script,
      ]);
      /** @type {{ name: string, json: string, base: string, expect: 'failure' | Record<string, unknown> }[]} */
      const vectors = JSON.parse(readFileSync(path.join(root, 'tests/vectors/declarative.json'), 'utf8'));
      for (const { name, json, base, expect } of vectors) {
        test(name, async () => {
          // The vectors know another site: what they resolve is under ours here, what they spell out is as it is.
          const here = (/** @type {unknown} */ value) =>
            typeof value === 'string' && !json.includes(value) && value.startsWith(new URL(base).origin) ? stage.app.origin + value.slice(new URL(base).origin.length) : value;
          const { listed, entries } = await once(scope, ['', Buffer.from(json), ANY]);
          const seen = entries.filter(({ type }) => type === 'message').map(({ message }) => message);
          assert.equal(seen.length, 1, 'the hook is called once');
          if (expect === 'failure') return assert.notEqual(seen[0].kind, 'declarative');
          assert.equal(seen[0].kind, 'declarative');
          const badges = entries.filter(({ type }) => type === 'badge').map(({ count }) => count);
          for (const [member, wanted] of Object.entries(expect)) {
            if (member === '$mutable') continue; // of no consequence where the worker is always asked
            if (member === '$app_badge') {
              assert.deepEqual(badges, wanted === null ? [] : [wanted]);
              continue;
            }
            const value = member === 'title' ? seen[0].title : member === 'navigate' ? seen[0].navigate : seen[0].options[member];
            if (wanted === '(absent)') {
              assert.equal(value, undefined, member);
            } else if (member === 'actions') {
              assert.deepEqual(value, /** @type {any[]} */ (wanted).map((action) => Object.fromEntries(Object.entries(action).map(([key, value]) => [key, here(value)]))));
              assert.deepEqual(listed.actions?.map((/** @type {any} */ { action, title }) => ({ action, title })), value.map((/** @type {any} */ { action, title }) => ({ action, title })));
            } else {
              const byDefault = { tag: '', lang: '', body: '', dir: 'auto', renotify: false, requireInteraction: false };
              assert.deepEqual(value ?? /** @type {any} */ (byDefault)[member], here(wanted), member);
              // What the browser itself tells of; data has our own member beside the app's.
              if (member in listed && member !== 'data') assert.deepEqual(listed[member], here(wanted), `${member} in the browser's list`);
            }
          }
        });
      }
    });

    test('all in all as many notifications as pushes, and none of the browser’s own', async () => {
      assert.ok(await stays(() => stage.desktop.calls.length === pushes, 1000), `${stage.desktop.calls.length} notifications for ${pushes} pushes`);
      const own = stage.desktop.calls.filter(({ summary, body }) => /updated in the background/i.test(summary + body));
      assert.deepEqual(own, []);
    });

    test('a push that shows nothing would be seen', async () => {
      const scope = worker('silent', []);
      await ready(scope);
      await assert.rejects(stage.pushOnce(scope, null), /not exactly one/);
      // Chromium speaks for a worker that is silent; Firefox counts in silence.
      if (name === 'chromium') await stage.desktop.waitFor(({ summary, body }) => /updated in the background/i.test(summary + body));
    });
  });
}
