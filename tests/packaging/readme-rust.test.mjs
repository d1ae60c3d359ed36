// A stranger's path in Rust: from an empty folder, by nothing but the commands and the code of the README's section, to a
// notification. What stands in for the world outside, and for nothing else:
// - crates.io has no Tidings yet: `cargo add tidings` gets the path of the unpacked package that `cargo package` makes
// - `cargo install` is left out: the program, and wasm-bindgen of the version in the lock file, are on the PATH
// - the lock file of the examples is there first, so that the versions are those that wasm-bindgen is pinned to
// - the server listens on a free port, and sends through the local push service
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { read, root } from '../../scripts/lib/run.mjs';
import { tidings, tool } from '../../scripts/lib/paths.mjs';
import { launch } from '../e2e/lib/browsers.mjs';
import { startNotifications } from '../e2e/lib/dbus.mjs';
import { remove, startTidings, temporaryFolder } from '../e2e/lib/processes.mjs';
import { startPushService } from '../e2e/lib/push-service.mjs';
import { eventually } from '../e2e/lib/wait.mjs';
import { blocks, everyBlock } from './lib/docs.mjs';

const SECTION = 'In Rust';
const [create, build] = blocks('README.md', 'sh', SECTION);
const rust = blocks('README.md', 'rust', SECTION);
const [html] = blocks('README.md', 'html', SECTION);
const [start] = blocks('README.md', 'js', SECTION);

/** Each crate that is published, and what is in its package beside its modules. */
const PUBLISHED = {
  'tidings-core': [],
  tidings: ['src/page/hands.js', 'src/outbox/outbox.js'],
  'tidings-server': ['migrations/'],
  'tidings-push-service': [],
  'tidings-cli': ['assets/worker-shim.js'],
};

/** Kept, so that the second run compiles Tidings only. */
const kept = path.join(root, 'target/packaging/readme-rust');
const crates = path.join(kept, 'crates');

test('the packages of the crates are whole', { timeout: 300_000 }, async () => {
  const names = Object.keys(PUBLISHED);
  // Builds each from its package, as `cargo publish` does, with TIDINGS_LONG=1; the path below builds what a page needs.
  const verify = process.env.TIDINGS_LONG ? [] : ['--no-verify'];
  await read('cargo', ['package', '--quiet', '--allow-dirty', ...verify, ...names.flatMap((name) => ['--package', name])]);
  rmSync(crates, { recursive: true, force: true });
  mkdirSync(crates, { recursive: true });
  for (const [name, files] of Object.entries(PUBLISHED)) {
    await read('tar', ['-xzf', path.join(root, `target/package/${name}-0.1.0.crate`), '-C', crates]);
    const folder = path.join(crates, `${name}-0.1.0`);
    const inside = readdirSync(folder, { recursive: true }).map(String);
    for (const file of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE', ...files]) assert.ok(inside.some((one) => one.startsWith(file)), `${name} has no ${file}`);
    const manifest = readFileSync(path.join(folder, 'Cargo.toml'), 'utf8');
    for (const key of ['description', 'keywords', 'categories', 'license', 'repository', 'rust-version', 'readme']) {
      assert.match(manifest, new RegExp(`^${key} = `, 'm'), `${name} says no ${key}`);
    }
  }
});

test('from an empty folder to a notification', { timeout: 400_000 }, async () => {
  const app = temporaryFolder('readme-rust');
  /** @type {(() => unknown)[]} */
  const stops = [() => remove(app)];
  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });
  const PATH = [path.dirname(tidings), path.dirname(tool('wasm-bindgen')), process.env.PATH].join(path.delimiter);
  const shell = (/** @type {string} */ commands) =>
    promisify(execFile)('sh', ['-euc', commands], { cwd: app, env: { ...process.env, PATH, CARGO_TERM_COLOR: 'never' } });

  mkdirSync(path.join(app, '.cargo'));
  writeFileSync(path.join(app, '.cargo/config.toml'), `[patch.crates-io]\ntidings-core.path = ${JSON.stringify(path.join(crates, 'tidings-core-0.1.0'))}\n`);
  for (const command of create.trim().split('\n')) {
    if (command.startsWith('cargo install ')) continue;
    await shell(command.replace('cargo add tidings ', `cargo add tidings --path ${path.join(crates, 'tidings-0.1.0')} `));
    const [, name] = /^cargo new (?:--lib )?(\w+)/.exec(command) ?? [];
    if (!name) continue;
    cpSync(path.join(root, 'examples/Cargo.lock'), path.join(app, name, 'Cargo.lock'));
    mkdirSync(path.join(kept, name), { recursive: true });
    symlinkSync(path.join(kept, name), path.join(app, name, 'target'));
  }
  assert.equal(rust.length, 2);
  for (const code of rust) {
    const [, file] = /^\/\/ (\S+)\n/.exec(code) ?? [];
    assert.ok(file, `which file is this?\n${code}`);
    writeFileSync(path.join(app, file), code);
  }
  mkdirSync(path.join(app, 'public'));
  writeFileSync(path.join(app, 'public/index.html'), html);
  writeFileSync(path.join(app, 'public/start.js'), start);
  const lines = build.trim().split('\n').map((line) => line.replace(/ +#.*/, ''));
  const serve = lines.pop() ?? '';
  assert.equal(serve, 'tidings serve --www public');
  for (const line of lines) await shell(line);

  const service = await startPushService();
  stops.push(() => service.stop());
  const desktop = await startNotifications();
  stops.push(() => desktop.stop());
  const server = await startTidings([...serve.split(' ').slice(1), '--address', '127.0.0.1:0', '--push-service', service.url], { ready: /Tidings is at (http:\/\/\S+)/, cwd: app });
  stops.push(() => server.stop());
  const origin = server.ready[1];
  const browser = await launch('chromium', { wiring: await service.wiring('chromium'), dbusAddress: desktop.address, allow: [origin] });
  stops.push(() => browser.close());

  const page = await browser.open(`${origin}/`);
  await page.click('#notify');
  await page.waitFor(() => document.getElementById('notify')?.textContent === 'You will hear from us', 15_000).catch((error) => assert.fail(`${error.message}\n${browser.messages.join('\n')}`));
  const [, send] = /`(tidings send [^`]*)`/.exec(readFileSync(path.join(root, 'README.md'), 'utf8').split(`### ${SECTION}`)[1]) ?? [];
  await shell(`${send.replace('http://localhost:8080', origin)} --push-service ${service.url}`);
  const shown = await desktop.waitFor(({ summary }) => summary === 'Chat: Hello', 15_000);
  desktop.click(shown.id);
  await eventually(() => page.evaluate(() => document.title === 'Chat: Hello'), { what: 'the click, in the title of the page' });
});

test('what docs/rust.md quotes of the examples is in them', () => {
  const sources = ['leptos/src/app.rs', 'yew/src/main.rs', 'dioxus/src/main.rs'].map((file) => readFileSync(path.join(root, 'examples', file), 'utf8'));
  const quoted = everyBlock('docs/rust.md').filter(({ language }) => language === 'rust,ignore');
  assert.ok(quoted.length >= 3);
  for (const { code, line } of quoted) assert.ok(sources.some((source) => source.includes(code)), `docs/rust.md:${line} is in none of the examples`);
});
