// A stranger's path: from an empty folder, by nothing but what the README says about JavaScript, to a push and its click.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import puppeteer from 'puppeteer-core';
import { tidings } from '../../scripts/lib/paths.mjs';
import { remove, startTidings, temporaryFolder } from '../e2e/lib/processes.mjs';
import { blocks } from './lib/docs.mjs';
import { npmArguments, packed, unpacked } from './lib/project.mjs';

/** @type {typeof import('../../crates/npm/js/testing/index')} */
const { startDesktop, startPushService, until } = await import(pathToFileURL(path.join(await unpacked(), 'dist/testing.js')).href);

const [install] = blocks('README.md', 'sh', 'In JavaScript');
const [page] = blocks('README.md', 'js', 'In JavaScript');
const [server] = blocks('README.md', 'sh', 'A server');

/** What the README takes for granted: the app's button, its router, its own drawing. */
const GIVEN = `
const button = document.querySelector('button');
const router = { go: (url) => { window.went = url; } };
const render = (state) => { window.state = state; };
`;

test('from an empty folder to a push and its click', { timeout: 120_000 }, async () => {
  const app = temporaryFolder('readme');
  /** @type {(() => unknown)[]} */
  const stops = [() => remove(app)];
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  /** Runs the README's commands; our tarball stands in for the registry. */
  const shell = (/** @type {string} */ commands) =>
    promisify(execFile)('sh', ['-euc', commands.replace('npm install tidings', `npm install ${npmArguments.join(' ')} ${packed().file}`)], {
      cwd: app, env: { ...process.env, PATH: `${path.dirname(tidings)}${path.delimiter}${process.env.PATH}` },
    });

  mkdirSync(path.join(app, 'public'));
  writeFileSync(path.join(app, 'package.json'), '{}');
  await shell(install);
  writeFileSync(path.join(app, 'main.js'), GIVEN + page);
  writeFileSync(path.join(app, 'public/index.html'), '<!doctype html><meta charset="utf-8"><button>on</button><script type="module" src="/main.js"></script>');
  await build({ entryPoints: [path.join(app, 'main.js')], outfile: path.join(app, 'public/main.js'), bundle: true, format: 'esm', target: 'es2022' });

  const service = await startPushService({ program: tidings });
  stops.push(() => service.stop());
  const desktop = await startDesktop();
  stops.push(() => desktop.stop());
  const [serve, send] = server.trim().split('\n').map((line) => line.replace(/ +#.*/, ''));
  assert.match(serve, /^tidings serve --data \.\/data --www \.\/public$/);
  const served = await startTidings([...serve.split(' ').slice(1), '--address', '127.0.0.1:0', '--push-service', service.url], { ready: /Tidings is at (http:\/\/\S+)/, cwd: app });
  stops.push(() => served.stop());
  const origin = served.ready[1];

  const browser = await puppeteer.launch(await service.puppeteer('chromium', { allow: [origin], desktop }));
  stops.push(() => browser.close());
  const tab = await browser.newPage();
  /** @type {string[]} */
  const said = [];
  tab.on('console', (message) => said.push(message.text()));
  tab.on('pageerror', (error) => said.push(String(error)));
  await tab.goto(origin);
  await tab.locator('button').click();
  const subscribed = async () => (await navigator.serviceWorker.getRegistration())?.pushManager.getSubscription().then(Boolean);
  await until(() => tab.evaluate(subscribed), { what: 'the README’s page to subscribe' }).catch((error) => assert.fail(`${error.message}\n${said.join('\n')}`));

  // The server has it a moment later; until then there is nobody to send to, which is an error.
  const sent = () =>
    shell(`${send.replace('https://app.example', origin)} --push-service ${service.url}`).then(
      ({ stdout }) => /^sent 1$/m.test(stdout),
      (error) => {
        if (!/there are no subscriptions/.test(error.stderr)) throw error;
        return false;
      },
    );
  await until(sent, { what: send }).catch((error) => assert.fail(`${error.message}\n${said.join('\n')}\n${served.output()}`));
  const shown = await desktop.waitFor(({ title }) => title === 'Lunch is ready');
  desktop.click(shown);
  // The page is on another address than the notification's: a new one opens, and its router is told there.
  const opened = await until(async () => (await browser.pages()).find((one) => one.url() === `${origin}/menu`), { what: 'the page that the click opens' });
  assert.ok(opened);
});
