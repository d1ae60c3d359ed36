// The outbox in real browsers: what is queued arrives, once, with its body, and what cannot arrive is there to be seen.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { BROWSERS } from './lib/app.mjs';
import { startOutbox } from './lib/outbox.mjs';
import { eventually, stays } from './lib/wait.mjs';

for (const name of BROWSERS) {
  describe(`the outbox in ${name}`, { timeout: 180_000 }, () => {
    /** @type {Awaited<ReturnType<typeof startOutbox>>} */
    let stage;
    before(async () => {
      stage = await startOutbox(name);
    });
    after(() => stage.stop());
    afterEach(async () => {
      stage.server.mood = () => 'ok';
      stage.server.delay = 0;
      const [page] = await stage.device.browser.pages();
      await page?.evaluate('(async () => { for (const { id } of await outbox.entries("pending")) await outbox.discard(id); await outbox.discard(); })()');
      for (const page of await stage.device.browser.pages()) await page.close();
      stage.server.applied.clear();
      stage.server.refused.clear();
      stage.server.requests.length = stage.server.notes.length = 0;
    });
    const arrived = (/** @type {string} */ path) => eventually(() => [...stage.server.applied.values()].find((one) => one.path === path), { what: `${path} at the server` });

    test('bodies of any kind arrive as they are, each with its key', async () => {
      const page = await stage.device.open();
      const ids = await page.evaluate(async () => {
        const { outbox } = /** @type {any} */ (window);
        const form = new FormData();
        form.append('name', 'Zoë');
        form.append('file', new File(['\u0000data'], 'a.bin', { type: 'application/x-thing' }));
        const stream = new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('in two '));
            controller.enqueue(new TextEncoder().encode('parts'));
            controller.close();
          },
        });
        const post = (/** @type {string} */ path, /** @type {any} */ init) => outbox.fetch(`/apply/${path}`, { method: 'POST', ...init });
        const entries = [
          await post('text', { body: 'plain', headers: { 'x-own': 'kept' } }),
          await post('json', { body: JSON.stringify({ a: 1 }), headers: { 'content-type': 'application/json' } }),
          await post('form', { body: form }),
          await post('blob', { body: new Blob(['blob'], { type: 'image/x-thing' }) }),
          await post('stream', { body: stream, duplex: 'half' }),
          await outbox.fetch(new Request('/apply/put', { method: 'PUT', body: 'from a Request' })),
          await outbox.fetch('/apply/get'),
          await outbox.fetch('/apply/own', { method: 'DELETE', headers: { 'idempotency-key': 'mine' } }),
          await outbox.add({ type: 'note', data: { n: 'job' } }),
        ];
        return entries.map(({ id }) => id);
      });
      const text = await arrived('/apply/text');
      assert.equal(String(text.body), 'plain');
      assert.equal(text.headers['x-own'], 'kept');
      assert.equal(String((await arrived('/apply/json')).body), '{"a":1}');
      const form = await arrived('/apply/form');
      assert.match(String(form.headers['content-type']), /^multipart\/form-data; boundary=/);
      assert.match(String(form.body), /Zoë[^]*application\/x-thing[^]*\0data/);
      const blob = await arrived('/apply/blob');
      assert.equal(blob.headers['content-type'], 'image/x-thing');
      assert.equal(String((await arrived('/apply/stream')).body), 'in two parts');
      assert.equal(String((await arrived('/apply/put')).body), 'from a Request');
      await arrived('/apply/get');
      await arrived('/apply/own');
      assert.equal(String((await arrived('/apply/job')).body), 'job');
      const keys = [...stage.server.applied.keys()];
      assert.deepEqual([...keys].sort(), [...ids.filter((/** @type {string} */ _, /** @type {number} */ index) => index !== 7), 'mine'].sort());
      await page.waitFor('outbox.state().then(({ pending, failed, bytes }) => pending + failed + bytes === 0)');
      const done = await page.evaluate('events.find(({ type, entry }) => type === "done" && entry.request?.url.endsWith("/text")).entry.response');
      assert.equal(done.status, 201);
      assert.equal(done.body, 'applied /apply/text');
    });

    test('a refusal is set aside with its answer, holds up nobody, and can be tried again or thrown away', async () => {
      stage.server.mood = (path) => (path.includes('bad') ? 'refused' : 'ok');
      const page = await stage.device.open();
      await page.evaluate(async () => {
        const { outbox } = /** @type {any} */ (window);
        await Promise.all(['bad1', 'good', 'bad2'].map((name) => outbox.fetch(`/apply/${name}`, { method: 'POST', body: name, queue: 'ordered', strict: true })));
      });
      await arrived('/apply/good');
      await page.waitFor('outbox.state().then(({ pending, failed }) => pending === 0 && failed === 2)');
      const [first, second] = await page.evaluate('outbox.entries("failed")');
      assert.equal(first.reason, 'refused');
      assert.deepEqual([first.response.status, first.response.body], [400, 'no: refused']);
      stage.server.mood = () => 'ok';
      assert.equal(await page.evaluate((id) => /** @type {any} */ (window).outbox.retry(id), first.id), 1);
      await arrived('/apply/bad1');
      assert.equal(await page.evaluate((id) => /** @type {any} */ (window).outbox.discard(id), second.id), 1);
      await page.waitFor('outbox.state().then(({ pending, failed, bytes }) => pending + failed + bytes === 0)');
      assert.ok(![...stage.server.applied.values()].some((one) => one.path === '/apply/bad2'));
    });

    test('what fails is tried again, not before the server wants it; flush does not wait for the back-off', async () => {
      let failures = 2;
      stage.server.mood = (path) => (failures-- > 0 ? (path.includes('later') ? 'later' : 'error') : 'ok');
      const page = await stage.device.open();
      await page.evaluate('outbox.fetch("/apply/later", { method: "POST" })');
      await arrived('/apply/later');
      const [one, two, three] = stage.server.requests.map(({ at }) => at);
      assert.ok(two - one >= 990 && three - two >= 990, `${[two - one, three - two]}`);
      failures = 1;
      await page.evaluate('outbox.fetch("/apply/soon", { method: "POST" })');
      await page.waitFor('outbox.state().then(({ pending, next }) => pending === 1 && next > Date.now())');
      const state = await page.evaluate('outbox.flush()');
      assert.deepEqual([state.pending, state.storage], [0, 'disk']);
      await arrived('/apply/soon');
    });

    test('a strict queue keeps its order, priorities count, and what is too old is set aside', async () => {
      const page = await stage.device.open();
      await stage.server.stop();
      await page.evaluate(async () => {
        const { outbox } = /** @type {any} */ (window);
        const post = (/** @type {string} */ path, /** @type {any} */ more) => outbox.fetch(`/apply/${path}`, { method: 'POST', ...more });
        await post('old', { lifetime: 1 });
        await post('low', { priority: 'low', queue: 'p', strict: true });
        for (let n = 0; n < 12; n++) await post(`s${n}`, { queue: 's', strict: true });
        await post('high', { priority: 'high', queue: 'p', strict: true });
      });
      await stage.server.start();
      await page.evaluate('outbox.flush()');
      await arrived('/apply/s11');
      await arrived('/apply/low');
      const order = stage.server.requests.filter(({ path }) => /s\d/.test(path)).map(({ path }) => path);
      assert.deepEqual([...new Set(order)], Array.from({ length: 12 }, (_, n) => `/apply/s${n}`));
      const at = (/** @type {string} */ path) => stage.server.requests.findIndex((one) => one.path === path);
      assert.ok(at('/apply/high') < at('/apply/low'));
      await page.waitFor('outbox.state().then(({ pending, failed }) => pending === 0 && failed === 1)');
      assert.equal((await page.evaluate('outbox.entries("failed")'))[0].reason, 'expired');
    });

    test('two tabs and a worker that replay at once send nothing twice', async () => {
      stage.server.delay = 10;
      const one = await stage.device.open();
      const two = await stage.device.open();
      await Promise.all([one, two].map((page, tab) => page.evaluate(async (tab) => {
        const { outbox } = /** @type {any} */ (window);
        const adds = Array.from({ length: 60 }, (_, n) => outbox.fetch(`/apply/t${tab}-${n}`, { method: 'POST', body: 'x' }));
        for (let i = 0; i < 10; i++) outbox.flush();
        await Promise.all(adds);
        await outbox.flush();
      }, tab)));
      if (name === 'chromium') await stage.device.dispatchSync('tidings-outbox');
      await eventually(() => stage.server.applied.size === 120, { what: 'all 120 at the server' });
      await one.waitFor('outbox.state().then(({ pending }) => pending === 0)');
      assert.equal(stage.server.overlaps, 0);
      assert.equal(stage.server.requests.length, 120, 'each was sent once');
      assert.ok(stage.server.most > 1 && stage.server.most <= 6, `${stage.server.most} at the same time`);
    });

    test('a full outbox says so, and keeps what it has', async () => {
      const page = await stage.device.open();
      await stage.server.stop();
      const seen = await page.evaluate(async () => {
        const { createOutbox, OutboxError } = /** @type {any} */ (window);
        const small = createOutbox({ maxEntries: 3, maxBytes: 5000 });
        const post = (/** @type {any} */ body) => small.fetch('/apply/full', { method: 'POST', body });
        const codes = [];
        const failing = async (/** @type {() => Promise<any>} */ run) => run().then(() => 'stored', (/** @type {any} */ error) => error instanceof OutboxError && error.code);
        for (const size of [10, 10_000, 10, 10, 10]) codes.push(await failing(() => post('x'.repeat(size))));
        codes.push(await failing(() => small.add({ type: 'x', data: () => {} })));
        codes.push(await failing(() => small.fetch('http://')));
        const state = await small.state();
        small.close();
        return { codes, state };
      });
      await stage.server.start();
      assert.deepEqual(seen.codes, ['stored', 'full', 'stored', 'stored', 'full', 'full', 'invalid']);
      assert.equal(seen.state.pending, 3);
      await page.evaluate('outbox.flush()');
      await eventually(() => stage.server.applied.size === 3);
    });

    test('a database that is blocked or broken: memory does, and the state says so', async () => {
      const page = await stage.device.browser.open(`${stage.server.origin}/?plain`);
      await page.waitFor('window.ready === true');
      for (const [kind, code] of [
        ['wedged', 'indexedDB.open = () => ({})'],
        ['broken', 'indexedDB.open = () => { throw new DOMException("corrupt", "UnknownError"); }'],
      ]) {
        await page.reload();
        await page.waitFor('window.ready === true');
        // A module of its own, since the first has opened its database.
        const seen = await page.evaluate(async (kind, code) => {
          // eslint-disable-next-line no-new-func
          new Function(code.replace('indexedDB.open', 'IDBFactory.prototype.open'))();
          const { createOutbox } = await import(`/tidings/outbox.js?${kind}`);
          const outbox = createOutbox();
          const start = performance.now();
          const entry = await outbox.fetch(`/apply/${kind}`, { method: 'POST', body: 'from memory' });
          return { id: entry.id, state: await outbox.state(), took: performance.now() - start };
        }, kind, code);
        assert.equal(seen.state.storage, 'memory', kind);
        assert.ok(seen.took < 6_000, `${kind}: ${seen.took} ms`);
        // The worker has a database that works, and is given what the page could not store.
        await arrived(`/apply/${kind}`);
      }
    });

    test('the app’s own sync tags reach its hooks', { skip: name !== 'chromium' && 'Firefox has no background sync' }, async () => {
      const page = await stage.device.open();
      await page.evaluate('registerSync("mine")');
      await eventually(() => stage.server.notes.includes('sync mine'));
      await stage.device.dispatchSync('news', false, 'PeriodicSync');
      await eventually(() => stage.server.notes.includes('periodicsync news'));
      const denied = await page.evaluate('registerSync("x", 1000).catch(({ code }) => code)');
      assert.equal(denied, 'denied', 'periodic sync is for installed apps');
    });

    test('where periodic sync is allowed, the outbox registers for it, and is sent by it', { skip: name !== 'chromium' && 'Firefox has none' }, async () => {
      const page = await stage.device.open();
      assert.deepEqual(await page.evaluate('syncTags(true)'), [], 'not allowed so far');
      const session = await stage.device.browser.puppeteer.target().createCDPSession();
      await session.send('Browser.grantPermissions', { origin: stage.server.origin, permissions: ['notifications', 'backgroundSync', 'periodicBackgroundSync'] });
      try {
        await page.evaluate('registerSync("news", 3600_000)');
        await stage.server.stop();
        await page.evaluate('outbox.fetch("/apply/now-and-then", { method: "POST" })');
        await eventually(async () => (await page.evaluate('syncTags(true)')).sort().join() === 'news,tidings-outbox', { what: 'both tags to be registered' });
        await page.evaluate('unregisterPeriodicSync("news")');
        assert.deepEqual(await page.evaluate('syncTags(true)'), ['tidings-outbox']);
        await page.evaluate('outbox.close()');
        // Nobody else sends it: the sync has just been tried, and no page asks.
        await page.waitFor('outbox.state().then(({ next }) => next > Date.now())');
        await stage.device.browser.stopWorkers();
        await stage.server.start();
        await stage.device.dispatchSync('tidings-outbox', false, 'PeriodicSync');
        await arrived('/apply/now-and-then');
      } finally {
        await session.send('Browser.resetPermissions');
        await session.detach();
      }
    });

    test('without background sync the wrapper says so', { skip: name !== 'firefox' && 'only where it is missing' }, async () => {
      const page = await stage.device.open();
      assert.equal(await page.evaluate('registerSync("x").catch(({ code }) => code)'), 'unsupported');
      assert.equal(await page.evaluate('registerSync("x", 1000).catch(({ code }) => code)'), 'unsupported');
      assert.equal(await page.evaluate('syncTags(true).catch(({ code }) => code)'), 'unsupported');
      assert.ok(await stays(() => stage.server.notes.length === 0, 100));
    });
  });
}
