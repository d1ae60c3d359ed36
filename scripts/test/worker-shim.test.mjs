// The shim that `tidings worker` packs, with a module that is not Rust's: what happens when WASM is slow, blocked, or
// panics. Real workers are tested in tests/e2e/worker-rust.test.mjs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import vm from 'node:vm';

const SHIM = readFileSync(new URL('../../crates/cli/assets/worker-shim.js', import.meta.url), 'utf8');
const EMPTY = '\0asm\x01\0\0\0';
const scope = 'https://app.example/';

/** A worker that has just been evaluated; `hooks` are those of its app, `start` is called for each instance. */
function worker(hooks = {}, { start = () => {}, packed = EMPTY, script = `${scope}worker.js` } = {}) {
  const listeners = {};
  const shown = [];
  const errors = [];
  let instances = 0;
  const module = {
    initSync: () => start(instances),
    tidings_options: () => ({ accepts: 'all', ...hooks }),
    tidings_plan: (payload) => ({ kind: 'text', title: 'Planned', options: { body: payload }, navigate: scope }),
    tidings_click: () => ({ url: scope }),
    tidings_finish: (plan, change) => ({ title: change?.title ?? plan.title, options: plan.options }),
  };
  const globals = {
    Promise, WebAssembly, btoa, URL, Notification: {}, PushEvent: class {}, navigator: {}, caches: {}, fetch: () => {}, clearTimeout, clearInterval,
    setTimeout: (run, ms) => setTimeout(run, Math.min(ms, 1000)).unref(), setInterval: (run, ms) => setInterval(run, ms).unref(),
    indexedDB: { open: () => { throw new Error('no storage'); } },
    console: { error: (...args) => errors.push(args.at(-1)), debug() {} },
    location: { href: `${scope}worker.js`, host: 'app.example', origin: 'https://app.example' },
    registration: { scope, showNotification: async (title) => void shown.push(title) },
    clients: { matchAll: async () => [] },
    addEventListener: (type, listener) => (listeners[type] ??= []).push(listener),
    glue: () => { instances++; return { ...module }; },
    packed,
  };
  globals.self = globals;
  vm.runInNewContext(SHIM, globals, { filename: script });
  const dispatch = (type, event) => listeners[type].forEach((listener) => listener(event));
  return {
    listeners, shown, errors, dispatch, self: globals,
    instances: () => instances,
    async push(text = 'Hello') {
      const work = [];
      dispatch('push', { data: { json: () => JSON.parse(text), text: () => text }, waitUntil: (promise) => work.push(promise) });
      // What else it begins goes on for as long as it likes.
      await work[0];
      return shown;
    },
  };
}

const panic = () => new WebAssembly.RuntimeError('unreachable');

test('the listeners are there before any WASM', async () => {
  const { listeners, instances, push } = worker();
  for (const type of ['push', 'notificationclick', 'notificationclose', 'message', 'pushsubscriptionchange']) {
    assert.equal(listeners[type]?.length, 1, type);
  }
  assert.equal(instances(), 0);
  assert.deepEqual(await push(), ['Planned']);
  await push();
  assert.equal(instances(), 1);
});

test('a whole worker starts its WASM ahead of the event, an addition to another does not', async () => {
  const [whole, addition, blocked] = [worker(), worker({}, { script: `${scope}tidings/worker.js` }), worker({}, { packed: 'no module' })];
  await delay(50);
  assert.deepEqual([whole, addition, blocked].map(({ instances }) => instances()), [1, 0, 0]);
  for (const { push } of [whole, addition, blocked]) await push();
  assert.deepEqual([whole, addition, blocked].map(({ instances }) => instances()), [1, 1, 0]);
  assert.deepEqual(whole.shown, ['Planned']);
  assert.equal(blocked.shown.length, 1);
});

test('a hook that panics at once is the last thing its instance does', async () => {
  let calls = 0;
  const heard = [];
  const { push, instances, errors } = worker({
    onPush() {
      if (calls++ === 0) throw panic();
      return { title: 'Changed' };
    },
    onError: (error, context) => context === 'onPush' && heard.push(error.message),
  });
  await push();
  assert.deepEqual(await push(), ['Planned', 'Changed']);
  assert.equal(instances(), 2);
  assert.equal(errors.length, 1);
  assert.deepEqual(heard, ['unreachable'], 'the next instance hears of it');
});

test('nobody waits for a hook that panics later', async () => {
  for (const type of ['error', 'unhandledrejection']) {
    const { push, dispatch } = worker({ onPush: () => new Promise(() => {}) });
    const pushed = push();
    await turn();
    dispatch(type, { error: panic(), reason: panic() });
    assert.deepEqual(await pushed, ['Planned'], type);
  }
});

test('what a hook throws is no panic, and the error of another script is none', async () => {
  const { push, dispatch, instances, errors } = worker({
    onPush() {
      throw new Error('the app’s');
    },
  });
  await push();
  dispatch('error', { error: new Error('another') });
  assert.deepEqual(await push(), ['Planned', 'Planned']);
  assert.equal(instances(), 1);
  assert.deepEqual(errors, []);
});

test('a rejection is an answer, and ends nothing', async () => {
  let first = true;
  const onPush = async () => {
    if (!first) return { title: 'Changed' };
    first = false;
    throw panic();
  };
  const { push, instances } = worker({ onPush });
  await push();
  assert.deepEqual(await push(), ['Planned', 'Changed']);
  assert.equal(instances(), 1);
});

test('the hooks of an instance that has ended are not called any more', async () => {
  let closed = 0;
  const { push, dispatch, instances } = worker({
    onPush() {
      throw panic();
    },
    onClose: () => closed++,
  });
  const work = [];
  // The hook for a close is called a quarter of a second later.
  dispatch('notificationclose', { notification: { title: 'T', data: { tidings: {} } }, waitUntil: (promise) => work.push(promise) });
  await push();
  await Promise.race([Promise.all(work), delay(1000)]);
  assert.equal(closed, 0);
  assert.equal(instances(), 2);
});

test('WASM that cannot start is tried once, and every push is shown', async () => {
  const { push, errors } = worker({}, { packed: '' });
  await push();
  assert.deepEqual(await push(), ['app.example', 'app.example']);
  assert.equal(errors.length, 1);
});

test('as an addition to another worker, the fallback leaves other pushes alone', async () => {
  const { push, listeners, self } = worker({}, { packed: '', script: `${scope}added.js` });
  await push();
  assert.deepEqual(await push('{"web_push": 8030, "notification": {"title": "T", "navigate": "/"}}'), ['T']);
  let skipped = 0;
  self.skipWaiting = () => skipped++;
  listeners.install.forEach((listener) => listener({}));
  assert.equal(skipped, 0, 'the other worker decides when it takes over');
});

test('an app that panics in its configuration still shows every push', async () => {
  const { push, shown } = worker({
    get accepts() {
      throw panic();
    },
  });
  await push();
  await push();
  assert.equal(shown.length, 2);
});
