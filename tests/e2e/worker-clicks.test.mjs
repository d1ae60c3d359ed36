// A click on a notification: the right window, and exactly one page that hears of it, exactly once.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { BROWSERS, PROBE, startStage, workerScript } from './lib/app.mjs';
import { eventually, stays } from './lib/wait.mjs';

/** A page of the app. Each load has an id of its own, and reports each event with it. */
const page = (/** @type {string} */ key) => `<!doctype html><meta charset="utf-8"><title>app</title>
<script type="module">
  import { createPush } from '/tidings/index.js';
  window.id = crypto.randomUUID();
  const report = (type, more) => fetch('/report', { method: 'POST', keepalive: true, body: JSON.stringify({ type, page: window.id, url: location.href, ...more }) });
  // A page that takes its time until it is ready.
  if (location.pathname.startsWith('/app/slow/')) await fetch('/gate');
  const folder = location.pathname.split('/')[1].replace('other', 'app');
  const push = createPush({ worker: '/w/' + folder + '.js', scope: '/' + folder + '/', server: null, applicationServerKey: '${key}' });
  push.on('click', (click) => report('click', { click }));
  push.on('close', (closed) => report('close', { closed }));
  push.on('shown', (shown) => report('shown', { shown }));
  if (folder === 'front') push.on('message', (offer) => {
    report('offer', { title: offer.title });
    if (offer.data?.take) offer.preventDefault();
  });
  window.ready = true;
</script>`;

/** Measures from the dispatch of a click to its window call. */
const STOPWATCH = `
let dispatched;
self.addEventListener('notificationclick', (event) => { dispatched = event.timeStamp; });
const open = clients.openWindow.bind(clients);
clients.openWindow = (url) => { self.report('openWindow', { url, ms: performance.now() - dispatched }); return open(url); };
`;

const OPTIONS = `
const hooks = {
  handled: () => false,
  'another URL': () => '/app/other/' + hooks.id,
  'a promise of another URL': async () => '/app/other/' + hooks.id,
  'a URL of another site': () => 'https://elsewhere.example/',
  'no URL': () => 'https://[bad',
  throws() { throw new Error('onClick'); },
  rejects: () => Promise.reject(new Error('onClick')),
  'never resolves': () => new Promise(() => {}),
  nothing() {},
  garbage: () => ({ url: 5 }),
};
self.TIDINGS = {
  // An action that is no URL cannot be in a declarative message: it is the app that adds it.
  onPush: (message) => message.data?.plain && { options: { actions: [{ action: 'plain', title: 'Plain' }] } },
  onClick(click) { hooks.id = click.data?.id; return hooks[click.data?.onClick]?.(); },
  onClose(message) { self.report('onClose', { title: message.title }); },
};
`;

/** @typedef {{ what: string, target: (n: string) => string, notification: (n: string) => object, button?: string, action?: string }} Kind */
/** @type {Kind[]} */
const KINDS = [
  { what: 'the body', target: (n) => `/app/target/${n}`, notification: (n) => ({ navigate: `/app/target/${n}` }) },
  {
    what: 'an action with a URL', target: (n) => `/app/action/${n}`, button: 'Act', action: 'act',
    notification: (n) => ({ navigate: `/app/target/${n}`, actions: [{ action: 'act', title: 'Act', navigate: `/app/action/${n}` }] }),
  },
  {
    what: 'an action without', target: (n) => `/app/target/${n}`, button: 'Plain', action: 'plain',
    notification: (n) => ({ navigate: `/app/target/${n}`, data: { plain: true } }),
  },
  { what: 'another origin', target: () => '/app/', notification: () => ({ navigate: 'https://elsewhere.example/' }) },
  { what: 'a bad URL', target: () => '/app/', notification: () => ({ navigate: 'javascript:alert(1)' }) },
];

/** What a worker may find around it when a click comes. @type {Record<string, { what: string, parts: string[], headers?: Record<string, string> }>} */
const SURROUNDINGS = {
  'no-wasm': { what: 'WASM is blocked', parts: [], headers: { 'content-security-policy': "script-src 'self'" } },
  'no-store': { what: 'IndexedDB never answers', parts: ["Object.defineProperty(self, 'indexedDB', { value: { open: () => new EventTarget() } });"] },
  'bad-store': { what: 'IndexedDB throws', parts: ["Object.defineProperty(self, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError'); } });"] },
  'no-list': { what: 'clients.matchAll rejects', parts: ["clients.matchAll = () => Promise.reject(new Error('clients'));"] },
  'no-focus': { what: 'a window cannot be focused', parts: ["WindowClient.prototype.focus = () => Promise.reject(new TypeError('focus'));"] },
};

for (const name of BROWSERS) {
  describe(`clicks in ${name}`, { timeout: 240_000 }, () => {
    /** @type {import('./lib/app.mjs').Stage} */
    let stage;
    let count = 0;
    /** Slow pages that wait; each entry lets one go on. @type {(() => void)[]} */
    const gate = [];

    before(async () => {
      stage = await startStage(name);
      const { app, service } = stage;
      const html = { type: 'text/html', body: page(service.vapid.publicKey) };
      for (const folder of ['app', 'other', 'front', ...Object.keys(SURROUNDINGS)]) app.add(`/${folder}/*`, html);
      app.add('/gate', () => new Promise((resolve) => gate.push(() => resolve({ status: 204 }))));
      await stage.observe();
      await stage.subscribe(app.addWorker('app', [PROBE, STOPWATCH, OPTIONS, workerScript()]), '/app/');
      await stage.subscribe(app.addWorker('front', [PROBE, 'self.TIDINGS = { foreground: 400 };', workerScript()]), '/front/');
      for (const [folder, { parts, headers }] of Object.entries(SURROUNDINGS)) {
        await stage.subscribe(app.addWorker(folder, [PROBE, ...parts, workerScript()], headers), `/${folder}/`);
      }
      for (const page of await stage.browser.pages()) await page.close();
    });
    after(() => stage?.stop());
    afterEach(async () => {
      for (const shown of stage.desktop.shown()) stage.desktop.close(shown.id);
      for (const page of await stage.browser.pages()) await page.close().catch(() => {});
    });

    const openGate = async () => {
      const [go] = await eventually(() => gate.length > 0 && gate.splice(0), { what: 'a slow page to wait' });
      go();
    };
    const url = (/** @type {string} */ route) => stage.app.origin + route;
    const next = () => String(++count);
    const open = async (/** @type {string} */ route) => {
      const page = await stage.browser.open(url(route));
      await page.waitFor(() => 'ready' in globalThis);
      return page;
    };
    const idOf = (/** @type {import('./lib/browsers.mjs').TestPage} */ page) => page.evaluate(() => /** @type {any} */ (globalThis).id);
    const visible = (/** @type {import('./lib/browsers.mjs').TestPage} */ page) => page.evaluate(() => document.visibilityState === 'visible');
    /** Shows a notification, and returns it. */
    const notify = async (/** @type {object} */ notification, scope = '/app/') => {
      const title = `N${next()}`;
      await stage.push(scope, { web_push: 8030, notification: { title, navigate: scope, ...notification } });
      return stage.desktop.waitFor((one) => one.summary === title);
    };
    const clicksSince = (/** @type {number} */ since) => stage.app.entries.slice(since).filter(({ type }) => type === 'click');

    /** Exactly one click event, of those on `title` if that is given. */
    const oneClick = async (/** @type {number} */ since, quiet = 250, title = '') => {
      const fits = (/** @type {any} */ { type, click }) => type === 'click' && (!title || click.title === title);
      const entry = await stage.app.waitFor(fits, { since, timeout: 5_000, what: 'the click in a page' });
      assert.ok(await stays(() => clicksSince(since).filter(fits).length === 1, quiet), `more than one: ${JSON.stringify(clicksSince(since))}`);
      return entry;
    };
    const pageOf = async (/** @type {import('./lib/app.mjs').Entry} */ entry) =>
      eventually(async () => {
        for (const page of await stage.browser.pages()) if ((await idOf(page).catch(() => '')) === entry.page) return page;
        return undefined;
      }, { what: `the page that got the click, at ${entry.url}` });

    describe('the matrix', () => {
      /** Prepares the windows: which pages may get the click (undefined: a new one), and how many pages there are then. */
      const SITUATIONS = {
        'a page on the URL': async (/** @type {string} */ target) => ({ focused: [await open(target)], pages: 1 }),
        'a page on the URL, with a fragment': async (/** @type {string} */ target) => ({ focused: [await open(`${target}#part`)], pages: 1 }),
        'a page elsewhere': async () => (await open('/app/elsewhere'), { pages: 2 }),
        'a page in another scope': async () => (await open('/other/page'), { pages: 2 }),
        'a hidden page': async (/** @type {string} */ target) => {
          const page = await open(target);
          await stage.browser.open('about:blank');
          await page.waitFor(() => document.visibilityState === 'hidden');
          return { focused: [page], pages: 2 };
        },
        'no page': async () => ({ pages: 1 }),
        'three tabs': async (/** @type {string} */ target) => {
          const both = [await open(target), await open(target)];
          await open('/app/elsewhere');
          return { focused: both, pages: 3 };
        },
      };
      for (const [situation, prepare] of Object.entries(SITUATIONS)) {
        for (const { what, target, notification, button, action = '' } of KINDS) {
          test(`${situation}, click on ${what}`, async () => {
            const n = next();
            const route = target(n);
            const shown = await notify(notification(n));
            const { focused, pages } = /** @type {any} */ (await prepare(route));
            const since = stage.app.entries.length;
            if (button) stage.desktop.clickAction(shown.id, button);
            else stage.desktop.click(shown.id);

            const entry = await oneClick(since);
            assert.equal(entry.click.url, url(route));
            assert.equal(entry.click.action, action);
            assert.equal(entry.click.title, shown.summary);
            assert.equal(entry.url.replace(/#.*/, ''), url(route), 'the page that got it is on the target');
            const got = await pageOf(entry);
            await eventually(() => visible(got), { what: 'the page that got the click to be in front' });
            if (focused) assert.ok(focused.includes(got), 'it was open before');
            assert.equal((await stage.browser.pages()).length, pages);
            assert.deepEqual(stage.desktop.shown(), [], 'the notification is gone');
          });
        }
      }

      for (const { what, target, notification, button } of KINDS) {
        test(`a page that is closing, click on ${what}`, async () => {
          const n = next();
          const route = target(n);
          const shown = await notify(notification(n));
          const closing = await open(route);
          const since = stage.app.entries.length;
          const closed = closing.close();
          if (button) stage.desktop.clickAction(shown.id, button);
          else stage.desktop.click(shown.id);
          await closed;
          // The closing page had it, or one that was opened in its place, or it waits: a browser that has let the worker
          // focus a page lets it open none for the same click.
          const { summary } = shown;
          const arrived = await stage.app.waitFor(({ type, click }) => type === 'click' && click.title === summary, { since, timeout: 1_500 }).catch(() => undefined);
          if (!arrived) await open(route);
          // By its title: what an earlier closing page could not acknowledge may come again for three seconds.
          const entry = await oneClick(since, 250, summary);
          assert.equal(entry.click.url, url(route));
        });
      }
    });

    describe('policies', () => {
      test('navigate: the page that was used last goes to the target', async () => {
        const n = next();
        const target = `/app/target/${n}`;
        await open('/app/first');
        const last = await open('/app/last');
        await open('/other/page');
        const shown = await notify({ navigate: target, data: { tidings: { click: 'navigate' } } });
        const since = stage.app.entries.length;
        stage.desktop.click(shown.id);
        const entry = await oneClick(since);
        assert.equal(entry.url, url(target));
        const got = await pageOf(entry);
        assert.equal((await stage.browser.pages()).length, 3, 'none was opened');
        // Which page was used last is the browser's to know; Firefox tells it by the order of opening only.
        if (name === 'chromium') assert.equal(got, last);
        await eventually(() => visible(got));
      });

      test('open: a new window, though there is one', async () => {
        const target = `/app/target/${next()}`;
        const before = await open(target);
        const old = await idOf(before);
        const shown = await notify({ navigate: target, data: { tidings: { click: 'open' } } });
        const since = stage.app.entries.length;
        stage.desktop.click(shown.id);
        const entry = await oneClick(since);
        assert.notEqual(entry.page, old);
        assert.equal((await stage.browser.pages()).length, 2);
      });

      test('request: the server gets it, no window does, and it is tried again', async () => {
        const n = next();
        /** @type {string[]} */
        const requests = [];
        stage.app.add(`/app/like/${n}`, (request, body) => {
          requests.push(body);
          return { status: requests.length === 1 ? 503 : 204 };
        });
        const page = await open('/app/elsewhere');
        await stage.browser.open('about:blank');
        const shown = await notify({
          data: { tidings: { actions: { like: 'request' } } },
          actions: [{ action: 'like', title: 'Like', navigate: `/app/like/${n}` }],
        });
        stage.desktop.clickAction(shown.id, 'Like');
        await eventually(() => requests.length === 2, { timeout: 5_000, what: 'the second request' });
        assert.ok(await stays(() => requests.length === 2, 300));
        assert.equal(JSON.parse(requests[1]).action, 'like');
        assert.equal((await stage.browser.pages()).length, 2);
        assert.equal(await visible(page), false);
      });

      test('deliver all: every page hears of it once', async () => {
        const target = `/app/target/${next()}`;
        const pages = [await open('/app/elsewhere'), await open(target), await open('/app/elsewhere')];
        const shown = await notify({ navigate: target, data: { tidings: { deliver: 'all' } } });
        const since = stage.app.entries.length;
        stage.desktop.click(shown.id);
        await eventually(() => clicksSince(since).length >= 3, { what: 'three clicks' });
        assert.ok(await stays(() => clicksSince(since).length === 3, 300), JSON.stringify(clicksSince(since)));
        assert.deepEqual(clicksSince(since).map(({ page }) => page).sort(), (await Promise.all(pages.map(idOf))).sort());
        await eventually(() => visible(pages[1]));
      });

      test('deliver all, with no page on the target: the opened one hears of it, too', async () => {
        const target = `/app/target/${next()}`;
        await open('/app/elsewhere');
        const shown = await notify({ navigate: target, data: { tidings: { deliver: 'all' } } });
        const since = stage.app.entries.length;
        stage.desktop.click(shown.id);
        await eventually(() => clicksSince(since).length >= 2, { what: 'two clicks' });
        assert.ok(await stays(() => clicksSince(since).length === 2, 300));
        assert.equal(new Set(clicksSince(since).map(({ page }) => page)).size, 2);
      });
    });

    describe('what the app’s hook says', () => {
      for (const [hook, goes] of /** @type {const} */ ([
        ['nothing', 'target'], ['garbage', 'target'], ['throws', 'target'], ['rejects', 'target'], ['never resolves', 'target'],
        ['another URL', 'other'], ['a promise of another URL', 'other'], ['a URL of another site', 'start'], ['no URL', 'start'],
      ])) {
        test(`${hook}: one window, one click`, async () => {
          const id = next();
          const shown = await notify({ navigate: `/app/target/${id}`, data: { onClick: hook, id } });
          const since = stage.app.entries.length;
          stage.desktop.click(shown.id);
          const entry = await oneClick(since);
          // A hook’s URL that may not be opened leads to the app, wherever that is: its start, or the message's target.
          if (goes === 'start') assert.ok([url('/app/'), url(`/app/target/${id}`)].includes(entry.url), entry.url);
          else assert.equal(entry.url, url(`/app/${goes}/${id}`));
          assert.equal((await stage.browser.pages()).length, 1);
        });
      }
      test('handled: no window, no click', async () => {
        const page = await open('/app/elsewhere');
        const shown = await notify({ navigate: '/app/target', data: { onClick: 'handled' } });
        const since = stage.app.entries.length;
        stage.desktop.click(shown.id);
        await stage.desktop.waitClosed(shown.id);
        assert.ok(await stays(async () => (await stage.browser.pages()).length === 1 && clicksSince(since).length === 0, 500));
        assert.equal(page.url(), url('/app/elsewhere'));
      });
    });

    describe('a page that is only just opening', () => {
      test('gets the click when it is ready, though the worker has been stopped since', async () => {
        const target = `/app/slow/${next()}`;
        const shown = await notify({ navigate: target, data: { room: 7 } });
        const since = stage.app.entries.length;
        stage.desktop.click(shown.id);
        await stage.browser.waitForPage(url(target));
        assert.ok(await stays(() => clicksSince(since).length === 0, 200), 'it is not ready yet');
        await stage.browser.stopWorkers();
        await openGate();
        const entry = await oneClick(since);
        assert.deepEqual(entry.click.data, { room: 7 });
        assert.equal(entry.url, url(target));

        const page = await pageOf(entry);
        await stage.browser.stopWorkers();
        await Promise.all([page.reload(), openGate()]);
        await page.waitFor(() => 'ready' in globalThis);
        assert.ok(await stays(() => clicksSince(since).length === 1, 400), 'acknowledged, it does not come again');
      });

      test('does not take the click of another one', async () => {
        const target = `/app/slow/${next()}`;
        const shown = await notify({ navigate: target });
        const since = stage.app.entries.length;
        stage.desktop.click(shown.id);
        const slow = await stage.browser.waitForPage(url(target));
        await open('/app/elsewhere');
        assert.ok(await stays(() => clicksSince(since).length === 0, 300), JSON.stringify(clicksSince(since)));
        await openGate();
        const entry = await oneClick(since);
        assert.equal(entry.page, await idOf(slow));
      });
    });

    describe('whatever surrounds the click', () => {
      for (const [folder, { what }] of Object.entries(SURROUNDINGS)) {
        test(`${what}, no page: one window, one click`, async () => {
          const target = `/${folder}/target/${next()}`;
          const shown = await notify({ navigate: target, data: { a: 1 } }, `/${folder}/`);
          const since = stage.app.entries.length;
          stage.desktop.click(shown.id);
          const entry = await oneClick(since);
          assert.equal(entry.url, url(target));
          assert.deepEqual(entry.click.data, { a: 1 });
          assert.equal((await stage.browser.pages()).length, 1);
        });
        test(`${what}, a page on the URL: one click`, async () => {
          const target = `/${folder}/target/${next()}`;
          const shown = await notify({ navigate: target }, `/${folder}/`);
          await open(target);
          const since = stage.app.entries.length;
          stage.desktop.click(shown.id);
          const entry = await oneClick(since);
          assert.equal(entry.url, url(target));
        });
      }
    });

    test('a stopped worker reaches its window call within a second, ten times out of ten', async (t) => {
      const times = [];
      for (let i = 0; i < 10; i++) {
        const target = `/app/target/${next()}`;
        const shown = await notify({ navigate: target });
        await stage.browser.stopWorkers();
        const since = stage.app.entries.length;
        const start = performance.now();
        stage.desktop.click(shown.id);
        const page = await stage.browser.waitForPage(url(target));
        const opened = performance.now() - start;
        const { ms } = await stage.app.waitFor(({ type }) => type === 'openWindow', { since });
        assert.ok(ms < 1000, `window call after ${ms} ms`);
        await stage.app.waitFor(({ type }) => type === 'click', { since });
        times.push({ ms: Math.round(ms), opened: Math.round(opened) });
        await page.close();
      }
      t.diagnostic(`dispatch to window call: ${times.map(({ ms }) => ms).join(', ')} ms; click to page: ${times.map(({ opened }) => opened).join(', ')} ms`);
    });

    describe('what else pages hear of', () => {
      test('each open page is told what was shown, once', async () => {
        await open('/app/one');
        await open('/app/two');
        const since = stage.app.entries.length;
        const shown = await notify({ body: 'B', data: { a: 1 } });
        const told = () => stage.app.entries.slice(since).filter(({ type }) => type === 'shown');
        await eventually(() => told().length >= 2);
        assert.ok(await stays(() => told().length === 2, 200));
        for (const { shown: { title, body, data } } of told()) {
          assert.deepEqual({ title, body, data }, { title: shown.summary, body: 'B', data: { a: 1 } });
        }
      });

      test('a dismissed notification is told to the pages and the hook, and opens nothing', async () => {
        await open('/app/one');
        const shown = await notify({});
        const since = stage.app.entries.length;
        stage.desktop.close(shown.id);
        await stage.app.waitFor(({ type, closed }) => type === 'close' && closed.title === shown.summary, { since });
        await stage.app.waitFor(({ type, title }) => type === 'onClose' && title === shown.summary, { since });
        assert.ok(await stays(() => clicksSince(since).length === 0, 200));
        assert.equal((await stage.browser.pages()).length, 1);
      });

      test('a click is no dismissal', async () => {
        const page = await open('/app/one');
        const shown = await notify({ navigate: '/app/one' });
        const since = stage.app.entries.length;
        stage.desktop.click(shown.id);
        await oneClick(since, 600);
        const closes = stage.app.entries.slice(since).filter(({ title, closed }) => (closed?.title ?? title) === shown.summary);
        assert.deepEqual(closes, []);
        assert.ok(await visible(page));
      });
    });

    describe('a message offered to a page in front', () => {
      const push = async (/** @type {object} */ data) => {
        const title = `N${next()}`;
        const since = stage.app.entries.length;
        await stage.push('/front/', { web_push: 8030, notification: { title, navigate: '/front/', data } });
        return { title, since };
      };
      test('is not shown if the page takes it', async () => {
        await open('/front/');
        const calls = stage.desktop.calls.length;
        const { title, since } = await push({ take: true });
        await stage.app.waitFor((entry) => entry.type === 'offer' && entry.title === title, { since });
        await stage.app.waitFor(({ type }) => type === 'push', { since });
        assert.ok(await stays(() => stage.desktop.calls.length === calls, 500), 'nothing is shown');
      });
      test('is shown if the page does not', async () => {
        await open('/front/');
        const { title, since } = await push({});
        await stage.desktop.waitFor(({ summary }) => summary === title);
        // The page's report may take longer than the notification.
        await stage.app.waitFor((entry) => entry.type === 'offer' && entry.title === title, { since });
        assert.equal(stage.app.entries.slice(since).filter(({ type }) => type === 'offer').length, 1);
      });
      test('is offered to one of two, the one in front', async () => {
        await open('/front/one');
        const front = await open('/front/two');
        const { title, since } = await push({ take: true });
        await stage.app.waitFor(({ type }) => type === 'push', { since });
        const offers = stage.app.entries.slice(since).filter(({ type }) => type === 'offer');
        assert.deepEqual(offers.map(({ page, title }) => ({ page, title })), [{ page: await idOf(front), title }]);
      });
      test('is shown at once where no page is in front', async () => {
        const page = await open('/front/');
        await stage.browser.open('about:blank');
        await page.waitFor(() => document.visibilityState === 'hidden');
        const { title, since } = await push({ take: true });
        await stage.desktop.waitFor(({ summary }) => summary === title);
        assert.deepEqual(stage.app.entries.slice(since).filter(({ type }) => type === 'offer'), []);
      });
    });
  });
}
