// A mini-project: installed once, kept under target/packaging, built anew by every test run.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { read, root } from '../../../scripts/lib/run.mjs';

const here = fileURLToPath(new URL('../', import.meta.url));
const kept = path.join(root, 'target/packaging');

/** What a user gets from the registry. Copied, since whoever builds the package anew replaces it. */
export function packed() {
  const bytes = readFileSync(path.join(root, 'target/tidings-0.1.0.tgz'));
  const hash = createHash('sha256').update(bytes).digest('hex');
  const file = path.join(kept, 'tarballs', hash.slice(0, 16), 'tidings-0.1.0.tgz');
  mkdirSync(path.join(kept, 'tarballs'), { recursive: true });
  // Each build makes one more; a test that runs beside this one may still read the last few.
  for (const other of readdirSync(path.join(kept, 'tarballs'))) {
    const folder = path.join(kept, 'tarballs', other);
    if (!file.startsWith(folder) && Date.now() - statSync(folder).mtimeMs > 3_600_000) rmSync(folder, { recursive: true, force: true });
  }
  mkdirSync(path.dirname(file), { recursive: true });
  if (!existsSync(file)) writeFileSync(file, bytes);
  return { file, hash };
}

/** The folder that the tarball unpacks to. */
export async function unpacked() {
  const { file } = packed();
  const folder = path.dirname(file);
  // Another test file may be reading it.
  if (!existsSync(path.join(folder, 'package'))) await read('tar', ['-xzf', file, '-C', folder]);
  return path.join(folder, 'package');
}

/** npm, quiet and with a cache of its own, which a second run is served from. */
export const npmArguments = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', `--cache=${path.join(kept, 'npm-cache')}`];

const npm = (/** @type {string[]} */ args, /** @type {string} */ cwd) => read('npm', [...args, ...npmArguments], { cwd });

/**
 * Installs a project's dependencies by its lock file and the packed package as npm unpacks it.
 *
 * @param {string} name its folder under projects
 * @param {{ file: string, hash: string }} tarball
 * @returns {Promise<string>} the folder to build in
 */
export async function installed(name, tarball) {
  const folder = path.join(kept, name);
  const source = path.join(here, 'projects', name);
  rmSync(path.join(folder, 'out'), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(here, 'app'), folder, { recursive: true });
  cpSync(source, folder, { recursive: true });

  const lock = path.join(source, 'package-lock.json');
  const wanted = existsSync(lock) ? createHash('sha256').update(readFileSync(lock)).digest('hex') : '';
  const modules = path.join(folder, 'node_modules');
  if (stamp(modules, 'lock') !== wanted) {
    if (wanted) await npm(['ci'], folder);
    mkdirSync(modules, { recursive: true });
    write(modules, 'lock', wanted);
  }
  const own = path.join(modules, 'tidings');
  if (stamp(modules, 'tidings') !== tarball.hash || !existsSync(own)) {
    rmSync(own, { recursive: true, force: true });
    mkdirSync(own);
    await read('tar', ['-xzf', tarball.file, '-C', own, '--strip-components=1']);
    write(modules, 'tidings', tarball.hash);
  }
  return folder;
}

/**
 * Builds it into `out`, with the package's own worker script beside it.
 *
 * @param {string} folder
 */
export async function built(folder) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NG_CLI_ANALYTICS: 'false', CI: '1' };
  const said = await read('npm', ['run', '--silent', 'build'], { cwd: folder, env });
  const out = path.join(folder, 'out');
  if (existsSync(out)) cpSync(path.join(folder, 'node_modules/tidings/dist/worker.js'), path.join(out, 'copied.js'));
  return { out, said };
}

const stamp = (/** @type {string} */ modules, /** @type {string} */ what) => {
  const file = path.join(modules, `.packaging-${what}`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};
const write = (/** @type {string} */ modules, /** @type {string} */ what, /** @type {string} */ text) =>
  writeFileSync(path.join(modules, `.packaging-${what}`), text);
