// npm run setup: everything the other scripts need. Does nothing where all is there.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { Failure, ifMain, read, root, run, step, which } from './lib/run.mjs';

const TOOLS = path.join(root, '.tools');

/** @typedef {'start' | 'test'} Purpose */

/** Programs from crates.io. Another version of one may well build another thing, so only exactly these are used. */
const CRATES = [
  // Its own lock file does not build: no --locked.
  { crate: 'wasm-bindgen-cli', program: 'wasm-bindgen', version: '0.2.130', locked: false, for: ['start', 'test'] },
  { crate: 'wasm-pack', program: 'wasm-pack', version: '0.15.1', locked: true, for: ['test'] },
  { crate: 'geckodriver', program: 'geckodriver', version: '0.37.1', locked: true, for: ['test'] },
];

/** Debian keeps a folder for each version of PostgreSQL, none of them on the PATH. */
const POSTGRESQL = '/usr/lib/postgresql';

/** What the tests need from the system: any of `programs`, or the shared library. */
const SYSTEM = [
  { what: 'Chromium', programs: ['chromium', 'chromium-browser'], deb: 'chromium' },
  { what: 'ChromeDriver', programs: ['chromedriver'], deb: 'chromium-driver' },
  { what: 'Firefox', programs: ['firefox-esr', 'firefox'], deb: 'firefox-esr' },
  { what: 'PostgreSQL', programs: ['initdb'], folders: postgresql, deb: 'postgresql' },
  { what: 'dbus-daemon', programs: ['dbus-daemon'], deb: 'dbus' },
  // A screen and a person's hands, for the browsers' own question.
  { what: 'Xvfb', programs: ['Xvfb'], deb: 'xvfb' },
  { what: 'xdotool', programs: ['xdotool'], deb: 'xdotool' },
  // Loaded by Firefox at run time: without it `showNotification` fails, and no package of Firefox depends on it.
  { what: 'libnotify', library: 'libnotify.so.4', deb: 'libnotify4' },
];

/**
 * @param {{ for?: Purpose, browsers?: boolean }} [options]
 *   `for`: "start" builds and serves, "test" needs more tools. `browsers`: also what the system has to have;
 *   by default for tests only.
 */
export async function setup({ for: purpose = 'test', browsers = purpose === 'test' } = {}) {
  checkNode();
  await checkRust();
  await addWasmTarget();
  await installNodeModules();
  for (const tool of CRATES) if (tool.for.includes(purpose)) await installCrate(tool);
  if (browsers) await installSystem();
}

/** The environment in which the installed tools are found first. */
export function environment() {
  const folders = [path.join(TOOLS, 'bin'), path.join(root, 'node_modules/.bin')];
  // Windows spells it "Path", and an object may not have both.
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { ...process.env, [name]: [...folders, process.env[name] ?? ''].join(path.delimiter) };
}

function checkNode() {
  const { node } = process.versions;
  if (Number.parseInt(node, 10) < 20) throw new Failure(`Node 20 or newer is needed, this is ${node}. Get it from https://nodejs.org`);
}

async function checkRust() {
  if (!which('cargo') || !which('rustc')) {
    throw new Failure('Rust is needed: install it with rustup, see https://rustup.rs, and open a new terminal.');
  }
  const needed = /^rust-version = "(.*)"$/m.exec(readFileSync(path.join(root, 'Cargo.toml'), 'utf8'))?.[1] ?? '0';
  const found = /^rustc (\S+)/.exec(await read('rustc', ['--version']))?.[1] ?? '0';
  if (older(found, needed)) throw new Failure(`Rust ${needed} or newer is needed, this is ${found}. Update it with: rustup update stable`);
}

async function addWasmTarget() {
  const target = 'wasm32-unknown-unknown';
  // Asking the compiler works offline, and without rustup.
  const sysroot = await read('rustc', ['--print', 'sysroot']);
  if (existsSync(path.join(sysroot, 'lib/rustlib', target, 'lib'))) return;
  if (!which('rustup')) {
    throw new Failure(`Rust's standard library for ${target} is needed.
Install Rust with rustup (https://rustup.rs), or from your distribution (Debian: libstd-rust-dev-wasm32).`);
  }
  await step(`Adding the target ${target}`, () => run('rustup', ['target', 'add', target]));
}

async function installNodeModules() {
  const wanted = modified(path.join(root, 'package-lock.json'));
  const installed = modified(path.join(root, 'node_modules/.package-lock.json'));
  if (installed >= wanted) return;
  // No package here needs its install script; one of them would compile C++.
  await step('Installing the npm packages', () => run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']));
}

/** @param {string} file */
function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

/** @param {(typeof CRATES)[number]} tool */
async function installCrate({ crate, program, version, locked }) {
  const found = which(program, [path.join(TOOLS, 'bin')]);
  if (found && (await versionOf(found)) === version) return;
  await step(`Installing ${crate} ${version} into .tools (once, takes some minutes)`, () =>
    run('cargo', ['install', '--quiet', '--root', TOOLS, crate, '--version', version, ...(locked ? ['--locked'] : [])]),
  );
}

/** @param {string} program */
async function versionOf(program) {
  const text = await read(program, ['--version']).catch(() => '');
  return /\d+\.\d+\.\d+\S*/.exec(text)?.[0];
}

async function installSystem() {
  const missing = await missingFromSystem();
  if (missing.length === 0) return;
  const packages = missing.map(({ deb }) => deb);
  const names = missing.map(({ what }) => what).join(', ');
  const remedy = `The tests need ${names}. Install on Debian: apt-get install ${packages.join(' ')}`;
  if (process.platform !== 'linux') {
    throw new Failure(`${remedy}\nThe browser tests click notifications over D-Bus, so they run on Linux only; npm start needs none of this.`);
  }
  const asRoot = await rootPrefix();
  if (!which('apt-get') || !asRoot) throw new Failure(remedy);
  await step(`Installing ${packages.join(', ')}`, async () => {
    const [command, ...before] = [...asRoot, 'apt-get'];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = { env, quiet: true };
    await run(command, [...before, '-q', 'update'], options);
    await run(command, [...before, '-q', 'install', '-y', '--no-install-recommends', ...packages], options);
  });
  const still = await missingFromSystem();
  if (still.length > 0) {
    throw new Failure(`apt-get installed ${packages.join(', ')}, but there is still no ${still.map(({ what }) => what).join(', ')}.
Ubuntu's packages of these browsers only install snaps, which the tests cannot start: use Debian, or browsers of your own on the PATH.`);
  }
}

async function missingFromSystem() {
  const libraries = SYSTEM.some(({ library }) => library) && process.platform === 'linux' ? await sharedLibraries() : '';
  return SYSTEM.filter(({ programs, library, folders }) =>
    library ? !libraries.includes(library) : !programs?.some((program) => which(program, folders?.())),
  );
}

function postgresql() {
  if (!existsSync(POSTGRESQL)) return [];
  return readdirSync(POSTGRESQL).map((version) => path.join(POSTGRESQL, version, 'bin'));
}

/** The linker's list; its program is in a folder that is not on every PATH. */
async function sharedLibraries() {
  const program = which('ldconfig', ['/sbin', '/usr/sbin']);
  return program ? read(program, ['-p']).catch(() => '') : '';
}

/** What to put before a command to run it as root without a question; undefined if that cannot be. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!which('sudo')) return undefined;
  return read('sudo', ['-n', 'true']).then(
    () => ['sudo', '-n'],
    () => undefined,
  );
}

/**
 * @param {string} one
 * @param {string} other
 */
function older(one, other) {
  const [a, b] = [one, other].map((version) => version.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let i = 0; i < 3; i++) if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) < (b[i] ?? 0);
  return false;
}

await ifMain(import.meta.url, async () => {
  const start = performance.now();
  const known = ['--for=start', '--for=test', '--no-browsers'];
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => !known.includes(arg));
  if (unknown) throw new Failure(`unknown option ${unknown}; there are ${known.join(', ')}`);
  const purpose = args.includes('--for=start') ? 'start' : 'test';
  await setup({ for: purpose, ...(args.includes('--no-browsers') ? { browsers: false } : {}) });
  console.log(`✓ All that npm ${purpose === 'start' ? 'start' : 'test'} needs is here (${((performance.now() - start) / 1000).toFixed(1)} s)`);
});
