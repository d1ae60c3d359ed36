// `tidings/testing` as its users have it: from the packed package, with an app that has nothing of Tidings in it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';
import { tidings, tool } from '../../scripts/lib/paths.mjs';
import { read } from '../../scripts/lib/run.mjs';
import { blocks } from './lib/docs.mjs';
import { unpacked } from './lib/project.mjs';
import { startSite } from './lib/site.mjs';

const folder = await unpacked();
/** @type {typeof import('../../crates/npm/js/testing/index')} */
const { notifications, startDesktop, startPushService, subscription, until, vapidKeys } = await import(pathToFileURL(path.join(folder, 'dist/testing.js')).href);

for (const name of /** @type {const} */ (['chromium', 'firefox'])) {
  describe(`the kit in ${name}`, { timeout: 90_000 }, () => {
    /** @type {(() => unknown)[]} */
    const stops = [];
    /** @type {import('../../crates/npm/js/testing/index').PushService} */
    let service;
    /** @type {import('../../crates/npm/js/testing/index').Desktop} */
    let desktop;
    /** @type {import('./lib/site.mjs').Site} */
    let site;

    before(async () => {
      // Either program will do.
      service = await startPushService({ program: name === 'firefox' ? path.join(path.dirname(tidings), 'tidings-push-service') : tidings });
      stops.push(() => service.stop());
      desktop = await startDesktop();
      stops.push(() => desktop.stop());
      site = await startSite();
      site.folder = fileURLToPath(new URL('foreign', import.meta.url));
      stops.push(() => site.stop());
    });
    after(async () => {
      for (const stop of stops.reverse()) await stop();
    });
    const address = () => service.firstPage(name, `${site.origin}/?key=${service.vapid.publicKey}`);

    test('puppeteer: subscribe, send, see, click, and what the page heard', async () => {
      const browser = await puppeteer.launch(await service.puppeteer(name, { allow: [site.origin], desktop }));
      try {
        const page = await browser.newPage();
        await page.goto(address());
        await page.locator('#on').click();
        const found = await until(() => page.evaluate(subscription), { timeout: 20_000 });
        assert.equal(await service.send(found, { title: 'Lunch', body: 'Is ready', tag: 'lunch' }, { urgency: 'high', topic: 'lunch' }), 201);
        const shown = await desktop.waitFor(({ title }) => title === 'Lunch');
        assert.match(shown.body, /Is ready$/);
        assert.deepEqual(shown.buttons, ['Later']);
        assert.deepEqual(await page.evaluate(notifications), [{ title: 'Lunch', body: 'Is ready', tag: 'lunch', data: null }]);

        desktop.click(shown, 'Later');
        assert.deepEqual(await until(() => page.evaluate('window.heard[0]')), { clicked: 'Lunch', action: 'later' });
        assert.throws(() => desktop.click(shown), /is not shown any more/);

        assert.equal(await service.send(found, { title: 'Again' }), 201);
        desktop.click(await desktop.waitFor(({ title }) => title === 'Again'));
        assert.deepEqual(await until(() => page.evaluate('window.heard[1]')), { clicked: 'Again', action: '' });

        const foreign = await service.send(found, { title: 'x' }, { vapid: vapidKeys() });
        assert.ok(foreign >= 400, `another key is refused: ${foreign}`);
      } finally {
        await browser.close();
      }
    });

    test('WebDriver, as selenium speaks it', async () => {
      const { capabilities, env } = await service.selenium(name, { allow: [site.origin], desktop });
      const driver = await startDriver(name, env);
      try {
        const session = await driver.call('POST', '/session', { capabilities: { alwaysMatch: capabilities } });
        const at = `/session/${session.sessionId}`;
        const run = (/** @type {Function} */ what) => driver.call('POST', `${at}/execute/sync`, { script: `return (${what})()`, args: [] });
        await driver.call('POST', `${at}/url`, { url: address() });
        const button = await until(() => driver.call('POST', `${at}/element`, { using: 'css selector', value: '#on' }));
        await driver.call('POST', `${at}/element/${Object.values(button)[0]}/click`, {});
        const found = await until(() => run(subscription), { timeout: 20_000 });
        assert.equal(await service.send(found, { title: `By ${name}’s driver` }), 201);
        desktop.click(await desktop.waitFor(({ title }) => title === `By ${name}’s driver`));
        await until(() => run(() => /** @type {any} */ (window).heard.length === 1));
        await driver.call('DELETE', at);
      } finally {
        await driver.stop();
      }
    });

    test('plain options start the browser', async () => {
      const { program, args, env } = await service.plain(name, { desktop, allow: [site.origin] });
      const child = spawn(program, [...args, `${site.origin}/plain`], { env, stdio: 'ignore', detached: true });
      const asked = once(site.server, 'request', { signal: AbortSignal.timeout(20_000) });
      try {
        assert.equal((await asked)[0].url, '/plain');
      } finally {
        const ended = once(child, 'exit');
        process.kill(-(child.pid ?? 0), 'SIGTERM');
        await ended;
      }
    });
  });
}

test('what is missing is named, with its remedy', async () => {
  await assert.rejects(startPushService({ program: '/nowhere/tidings' }), /nowhere.*is no program.*cargo install tidings-cli.*PATH/s);
  await assert.rejects(startPushService({ program: process.execPath }), /it said:\n.*push-service/s);
  const empty = { ...process.env, PATH: '/nowhere', TIDINGS_BIN: '' };
  const script = `import('${pathToFileURL(path.join(folder, 'dist/testing.js'))}').then((kit) => kit.startPushService()).catch((error) => console.log(error.message))`;
  assert.match(await read(process.execPath, ['-e', script], { env: empty }), /neither `tidings` nor `tidings-push-service` is on the PATH; build it with .*TIDINGS_BIN/);
  await assert.rejects(until(() => 0, { timeout: 60, what: 'the impossible' }), /not within 60 ms: the impossible; the last value was 0/);
});

test('the test in docs/testing.md runs as it is written', async () => {
  const site = await startSite();
  site.folder = fileURLToPath(new URL('foreign', import.meta.url));
  const [block] = blocks('docs/testing.md', 'js');
  const project = path.join(path.dirname(folder), 'docs');
  mkdirSync(path.join(project, 'node_modules'), { recursive: true });
  rmSync(path.join(project, 'node_modules/tidings'), { force: true });
  symlinkSync(folder, path.join(project, 'node_modules/tidings'), 'dir');
  writeFileSync(path.join(project, 'push.test.mjs'), block.replace('http://localhost:3000', site.origin));
  // Without NODE_TEST_CONTEXT: it would take itself for a part of this run.
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  try {
    const said = await read(process.execPath, ['--test', '--test-reporter=tap', 'push.test.mjs'], { cwd: project, env: { ...env, TIDINGS_BIN: tidings } });
    assert.match(said, /# pass 2/);
  } finally {
    site.stop();
  }
});

/** ChromeDriver or geckodriver on a free port. */
async function startDriver(/** @type {string} */ name, /** @type {Record<string, string>} */ env) {
  const program = name === 'firefox' ? tool('geckodriver') : 'chromedriver';
  const child = spawn(program, ['--port=0'], { env: { ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => void (said += text));
  const [, port] = await until(() => /(?:successfully on port |127\.0\.0\.1:)(\d+)/.exec(said), { what: `${program} to start` });
  return {
    async call(/** @type {string} */ method, /** @type {string} */ route, /** @type {unknown} */ body) {
      const answer = await fetch(`http://127.0.0.1:${port}${route}`, { method, ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
      const { value } = /** @type {any} */ (await answer.json());
      if (!answer.ok) throw new Error(`${method} ${route}: ${value.error}: ${value.message}`);
      return value;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
