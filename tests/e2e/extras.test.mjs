// What a message may say beyond the standard, and what the worker's options do, in real browsers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { BROWSERS, PROBE, startStage, workerScript } from './lib/app.mjs';
import { eventually, stays } from './lib/wait.mjs';

const WORKERS = {
  '/plain/': '',
  '/options/': `self.TIDINGS = {
    title: 'Acme', icon: '/icon.png', receipts: { url: '/receipts', jitter: 0 },
    map: ({ text }) => text && { title: 'Mapped', body: text, navigate: '/options/from-map' },
    onPush: ({ kind, data, id }) => data?.change && { title: 'Changed ' + kind + ' ' + id, options: { body: 'by the hook' } },
    onClose: ({ title }) => report('onClose', { title }),
    onError: (error, context) => report('onError', { context, error: String(error) }),
  };`,
  '/foreground/': 'self.TIDINGS = { foreground: 2000 };',
  '/broken/': `self.TIDINGS = { receipts: { url: '/receipts', jitter: 0 } };
    registration.showNotification = () => Promise.reject(new TypeError('no permission'));`,
};

/** Keeps what the app's badge was set to, where the browser has one or not. */
const BADGE = 'navigator.setAppBadge = (count) => (report("badge", { count }), Promise.reject(new Error("no badge here")));';

/** A page of the app, that reports every event it gets. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>app</title><script type="module">
  import { createPush } from '/tidings/index.js';
  const report = (type, more) => fetch('/report', { method: 'POST', body: JSON.stringify({ type, ...more }) });
  const push = createPush({ worker: '/w/none.js', scope: location.pathname, server: null });
  for (const type of ['shown', 'close', 'click', 'change']) push.on(type, ({ title, url }) => report('page ' + type, { title, url }));
  push.on('message', (message) => { report('page message', { title: message.title }); if (/take/.test(message.title)) message.preventDefault(); });
  window.ready = true;
</script>`;

const declarative = (/** @type {string} */ title, /** @type {object} */ tidings = {}, /** @type {object} */ more = {}) => ({
  web_push: 8030,
  notification: { title, navigate: '.', data: { tidings, ...more } },
});

for (const name of BROWSERS) {
  describe(`beyond the standard in ${name}`, { timeout: 120_000 }, () => {
    /** @type {import('./lib/app.mjs').Stage} */
    let stage;
    before(async () => {
      stage = await startStage(name, (app) => {
        for (const [scope, options] of Object.entries(WORKERS)) {
          app.addWorker(scope.slice(1, -1), [PROBE, BADGE, options, workerScript()]);
          app.add(`${scope}*`, { type: 'text/html', body: PAGE });
        }
        app.add('/receipts', (_, body) => (app.entries.push({ ...JSON.parse(body), type: `receipt ${JSON.parse(body).type}` }), { status: 204 }));
        app.add('/plain/news.json', { type: 'application/json', body: '{"fresh":true}' });
      });
      await stage.observe();
      for (const scope of Object.keys(WORKERS)) await stage.subscribe(`/w/${scope.slice(1, -1)}.js`, scope);
    });
    after(() => stage?.stop());

    test('a duplicate id replaces the first, retract closes others, by tag or id', async () => {
      for (const title of ['First', 'Again']) await stage.pushOnce('/plain/', declarative(title, { id: 'm1' }), { keep: true });
      await stage.push('/plain/', { web_push: 8030, notification: { title: 'Tagged', navigate: '.', tag: 'old' } });
      await eventually(async () => (await stage.shown('/plain/')).length === 2);
      await stage.push('/plain/', declarative('Read elsewhere', { retract: ['old', 'm1', ''] }));
      await eventually(async () => (await stage.shown('/plain/')).map(({ title }) => title).join() === 'Read elsewhere', { what: 'the others to be closed' });
      await stage.clear('/plain/');
    });

    test('an expired message is shown, silently', async () => {
      const { listed } = await stage.pushOnce('/plain/', declarative('Too late', { expires: 1 }));
      assert.equal(listed.silent, true);
    });

    test('refresh fills the cache, with what is of this origin', async () => {
      await stage.pushOnce('/plain/', declarative('News', { refresh: ['news.json', 'https://elsewhere.example/x', 'missing.json'] }));
      const urls = await stage.observer?.evaluate(async () => (await (await caches.open('tidings')).keys()).map(({ url }) => url));
      assert.ok(urls?.includes(`${stage.app.origin}/plain/news.json`), JSON.stringify(urls));
      assert.ok(urls?.every((url) => url.startsWith(stage.app.origin)));
    });

    test('app_badge is set, and its failure harms nothing', async () => {
      const { entries } = await stage.pushOnce('/plain/', { ...declarative('Three'), app_badge: 3 });
      assert.deepEqual(entries.filter(({ type }) => type === 'badge').map(({ count }) => count), [3]);
    });

    test('defaults, a mapper and a hook change what is shown', async () => {
      assert.equal((await stage.pushOnce('/options/', null)).listed.title, 'Acme');
      const mapped = await stage.pushOnce('/options/', { text: 'Old format' });
      assert.deepEqual([mapped.listed.title, mapped.listed.body], ['Mapped', 'Old format']);
      assert.equal(mapped.listed.icon, `${stage.app.origin}/icon.png`);
      const { listed } = await stage.pushOnce('/options/', declarative('Declared', { id: 'x' }, { change: true }));
      assert.deepEqual([listed.title, listed.body], ['Changed declarative x', 'by the hook']);
      const page = await stage.browser.open(`${stage.app.origin}/options/`);
      await page.waitFor('window.ready');
      const since = stage.app.entries.length;
      await stage.pushOnce('/options/', declarative('Declared', { id: 'y' }, { change: true }));
      await stage.app.waitFor(({ type, title }) => type === 'page shown' && title === 'Changed declarative y', { since, what: 'the page to hear of what is shown' });
      await page.close();
    });

    test('receipts tell what happened, with the id of the message', async () => {
      const since = stage.app.entries.length;
      await stage.push('/options/', declarative('Receipt', { id: 'r1' }));
      const receipt = (/** @type {string} */ what) => stage.app.waitFor(({ type, id }) => type === `receipt ${what}` && id === 'r1', { since });
      await receipt('received');
      await receipt('shown');
      const shown = await stage.desktop.waitFor(({ summary }) => summary === 'Receipt');
      stage.desktop.close(shown.id);
      await receipt('closed');
      await stage.app.waitFor(({ type, title }) => type === 'onClose' && title === 'Receipt', { since });
      await stage.push('/options/', declarative('Clicked', { id: 'r1' }));
      stage.desktop.click((await stage.desktop.waitFor(({ summary }) => summary === 'Clicked')).id);
      await receipt('clicked');
      assert.ok(await stays(() => !stage.app.entries.slice(since).some(({ type, title }) => type === 'onClose' && title === 'Clicked'), 600), 'a click is no dismissal');
    });

    test('a visible page may take a message over; a hidden one is not asked', async () => {
      const page = await stage.browser.open(`${stage.app.origin}/foreground/`);
      await page.waitFor('window.ready && document.visibilityState === "visible"');
      const [calls, since] = [stage.desktop.calls.length, stage.app.entries.length];
      await stage.push('/foreground/', declarative('Please take this'));
      await stage.app.waitFor(({ type }) => type === 'page message', { since });
      await stage.app.waitFor(({ type }) => type === 'push', { since });
      assert.equal(stage.desktop.calls.length, calls, 'nothing is shown');
      await stage.push('/foreground/', declarative('Leave this'));
      await stage.desktop.waitFor(({ summary }) => summary === 'Leave this', 5000, { since: calls });
      await stage.app.waitFor(({ type, title }) => type === 'page shown' && title === 'Leave this', { since });
      await stage.clear('/foreground/');
      await stage.hide();
      await page.waitFor('document.visibilityState === "hidden"');
      const { entries } = await stage.pushOnce('/foreground/', declarative('Take this, hidden'));
      assert.deepEqual(entries.filter(({ type }) => type === 'page message'), []);
    });

    test('a receipt tells of a notification that the browser would not show', async () => {
      const since = stage.app.entries.length;
      await stage.push('/broken/', declarative('Never shown', { id: 'r2' }));
      await stage.app.waitFor(({ type, id }) => type === 'receipt failed' && id === 'r2', { since });
      assert.ok(!stage.app.entries.slice(since).some(({ type }) => type === 'receipt shown'));
    });
  });
}
