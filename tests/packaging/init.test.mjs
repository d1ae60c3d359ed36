// `npx tidings init` in the app that a framework's own `npm create` makes: the lines that it prints are added, the app is
// started, a push is received. Under two minutes each. Next's needs TIDINGS_LONG=1: it installs a compiler of 100 MB.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import puppeteer from 'puppeteer-core';
import { tidings } from '../../scripts/lib/paths.mjs';
import { freePort, remove, start, temporaryFolder } from '../e2e/lib/processes.mjs';
import { eventually } from '../e2e/lib/wait.mjs';
import { npmArguments, packed, unpacked } from './lib/project.mjs';

/** @type {typeof import('../../crates/npm/js/testing/index')} */
const { startDesktop, startPushService, subscription, until } = await import(pathToFileURL(path.join(await unpacked(), 'dist/testing.js')).href);

/**
 * @typedef {object} App
 * @property {string[]} create what `npm create` is called with
 * @property {(lines: string[], app: string) => void} add writes the three lines into it
 * @property {string[]} dev more arguments for `npm run dev`, before the port
 * @property {RegExp} ready what it says once it serves
 */

/** @type {Record<string, App>} */
const APPS = {
  vite: {
    create: ['create-vite@9.3.0', 'app', '--template', 'vanilla'],
    add(lines, app) {
      const file = path.join(app, 'src/main.js');
      // The button is that of the template.
      writeFileSync(file, [readFileSync(file, 'utf8'), "const button = document.querySelector('button');", ...lines, ''].join('\n'));
    },
    dev: ['--strictPort', '--port'],
    ready: /Local:\s+http/,
  },
  next: {
    create: [
      'create-next-app@16.4.3', 'app', '--js', '--app', '--empty', '--no-tailwind', '--no-eslint', '--no-src-dir',
      '--import-alias', '@/*', '--skip-install', '--disable-git',
    ],
    add([first, ...lines], app) {
      writeFileSync(
        path.join(app, 'app/notify.js'),
        `'use client';
import { useEffect, useRef } from 'react';
${first}

export default function Notify() {
  const place = useRef(null);
  useEffect(() => {
    const button = place.current;
    ${lines.join('\n    ')}
  }, []);
  return <button ref={place}>Notify me</button>;
}
`,
      );
      const page = path.join(app, 'app/page.js');
      writeFileSync(page, `import Notify from './notify.js';\n${readFileSync(page, 'utf8').replace('<main>', '<main><Notify />')}`);
    },
    dev: ['-p'],
    ready: /Ready in/,
  },
};

describe('npx tidings init in a fresh app', { timeout: 360_000 }, () => {
  /** @type {(() => unknown)[]} */
  const stops = [];
  const folder = temporaryFolder('init');
  /** @type {Awaited<ReturnType<typeof startPushService>>} */
  let service;
  /** @type {Awaited<ReturnType<typeof startDesktop>>} */
  let desktop;

  before(async () => {
    stops.push(() => remove(folder));
    service = await startPushService({ program: tidings });
    stops.push(() => service.stop());
    desktop = await startDesktop();
    stops.push(() => desktop.stop());
  });
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  for (const [name, { create, add, dev, ready }] of Object.entries(APPS)) {
    const skip = name === 'next' && process.env.TIDINGS_LONG !== '1' && 'with TIDINGS_LONG=1 only';
    test(name, { skip }, async (context) => {
      const began = performance.now();
      const run = async (/** @type {string} */ cwd, /** @type {string[]} */ ...args) => (await promisify(execFile)('npm', args, { cwd, env: { ...process.env, CI: '1', NO_COLOR: '1' } })).stdout;
      const home = path.join(folder, name);
      const app = path.join(home, 'app');
      mkdirSync(home);
      await run(home, 'exec', '--yes', ...npmArguments, '--', ...create);
      // Our tarball stands in for the registry. Next's compiler is a package that is for one platform, not a script.
      await run(app, 'install', ...npmArguments, packed().file);

      const said = await run(app, 'exec', '--', 'tidings', 'init');
      const lines = said.split('\n').map((line) => line.trim()).filter((line) => /^(import|const|button)\b/.test(line));
      assert.equal(lines.length, 3, said);
      const vapid = JSON.parse(await run(app, 'exec', '--', 'tidings', 'keys', '--json'));
      add(lines.map((line) => line.replace("'…'", `'${vapid.publicKey}'`)), app);

      const port = await freePort();
      const server = start('npm', ['run', 'dev', '--', ...dev, String(port)], { cwd: app, env: { ...process.env, NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1' } });
      stops.push(() => server.stop());
      await eventually(() => ready.test(server.output()), { timeout: 60_000, what: `${name} to serve` }).catch((error) => assert.fail(`${error.message}\n${server.output()}`));

      const origin = `http://localhost:${port}`;
      const browser = await puppeteer.launch(await service.puppeteer('chromium', { allow: [origin], desktop }));
      stops.push(() => browser.close());
      const page = await browser.newPage();
      /** @type {string[]} */
      const heard = [];
      page.on('console', (message) => heard.push(message.text()));
      page.on('pageerror', (error) => heard.push(String(error)));
      await page.goto(origin);
      // A page that a server has rendered gets its listener a moment later.
      await page.waitForFunction(() => document.querySelector('button')?.onclick, { timeout: 30_000 });
      await page.click('button');
      const found = await until(() => page.evaluate(subscription), { what: 'the subscription' }).catch((error) => assert.fail(`${error.message}\n${heard.join('\n')}\n${server.output()}`));
      assert.equal(await service.send(found, { web_push: 8030, notification: { title: `Hello, ${name}`, navigate: `${origin}/` } }, { vapid }), 201);
      await desktop.waitFor(({ title }) => title === `Hello, ${name}`);

      const seconds = (performance.now() - began) / 1000;
      context.diagnostic(`${name}: from \`npm create\` to a push in ${seconds.toFixed(1)} s`);
      assert.ok(seconds < 120, `under two minutes, not ${seconds} s`);
      await browser.close();
      await server.stop();
    });
  }
});
