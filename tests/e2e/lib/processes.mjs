// Processes and folders of a test: started here, ended here, by their own id.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, within } from './wait.mjs';

/** The repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
/** @type {Set<string>} */
const folders = new Set();

/** How much of what a process says is kept for the failure message. */
const TAIL = 16_384;

// A test file that fails, is interrupted or runs out of time leaves nothing behind.
process.once('exit', () => {
  for (const child of running) kill(child, 'SIGKILL');
  for (const folder of folders) remove(folder);
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.once(signal, () => process.exit(128 + os.constants.signals[signal]));
}

/**
 * A new folder, removed at the latest when this process ends.
 *
 * @param {string} name
 */
export function temporaryFolder(name) {
  const folder = mkdtempSync(path.join(os.tmpdir(), `tidings-${name}-`));
  folders.add(folder);
  return folder;
}

/** @param {string} folder */
export function remove(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  folders.delete(folder);
}

/** A port nobody listens on now. Prefer port 0 where the program says which one it got. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * @typedef {object} Running
 * @property {import('node:child_process').ChildProcess} child
 * @property {number} pid
 * @property {() => string} output the end of what it said on stdout and stderr
 * @property {Promise<string>} ended how it ended, in words
 * @property {(ms?: number) => Promise<string>} stop SIGTERM, then SIGKILL after `ms` (5 s)
 * @property {() => Promise<string>} kill SIGKILL
 */

/**
 * Starts a program of its own process group and keeps what it says.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, stdio?: import('node:child_process').StdioOptions }} [options]
 * @returns {Running}
 */
export function start(command, args, { env = process.env, cwd = root, stdio = ['ignore', 'pipe', 'pipe'] } = {}) {
  const child = spawn(command, args, { env, cwd, stdio, detached: process.platform !== 'win32' });
  running.add(child);
  let output = '';
  const keep = (/** @type {string} */ text) => void (output = (output + text).slice(-TAIL));
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);

  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not start: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `ended with exit code ${code}`));
  }).then((/** @type {any} */ how) => {
    running.delete(child);
    return /** @type {string} */ (how);
  });

  return {
    child,
    pid: child.pid ?? -1,
    output: () => output,
    ended,
    async stop(ms = 5_000) {
      kill(child, 'SIGTERM');
      const how = await within(ended, ms, 'a clean end').catch(() => this.kill());
      await endFamily(child);
      return how;
    },
    async kill() {
      kill(child, 'SIGKILL');
      const how = await within(ended, 5_000, `the end of ${command} (${child.pid})`);
      await endFamily(child);
      return how;
    },
  };
}

/**
 * Ends a process of ours and, where there are groups, the children it left.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function kill(child, signal) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (signal === 'SIGKILL' && process.platform !== 'win32') process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/**
 * A browser's children write to its profile a little longer than it lives itself: waits for them, but not for ever.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
async function endFamily({ pid }) {
  if (pid === undefined || process.platform === 'win32') return;
  const gone = () => !hasFamily(pid);
  const options = { every: 10, what: `the end of the children of ${pid}` };
  await eventually(gone, { ...options, timeout: 3_000 }).catch(() => {
    if (hasFamily(pid)) process.kill(-pid, 'SIGKILL');
    return eventually(gone, { ...options, timeout: 3_000 });
  });
}

/**
 * Whether a process group of ours has members. Those that ended but nobody waits for, as in a container without an
 * init, are none.
 *
 * @param {number} group
 */
function hasFamily(group) {
  try {
    process.kill(-group, 0);
  } catch {
    return false;
  }
  if (process.platform !== 'linux') return true;
  return readdirSync('/proc').some((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      // pid (name) state parent group …; the name may hold anything
      const [state, , of] = readFileSync(`/proc/${entry}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ');
      return Number(of) === group && state !== 'Z';
    } catch {
      return false; // It ended meanwhile.
    }
  });
}

/**
 * The first line of the process's stdout or stderr that matches.
 *
 * @param {Running} process
 * @param {RegExp} pattern
 * @param {{ timeout?: number, stream?: 'stdout' | 'stderr', name?: string }} [options]
 * @returns {Promise<RegExpExecArray>}
 */
export async function line(process, pattern, { timeout = 30_000, stream = 'stdout', name = 'the program' } = {}) {
  const source = process.child[stream];
  if (!source) throw new Error(`${name} has no ${stream} to read`);
  let text = '';
  /** @type {(chunk: string) => void} */
  let read = () => {};
  const found = new Promise((resolve) => {
    read = (chunk) => {
      text += chunk;
      const end = text.lastIndexOf('\n');
      if (end < 0) return;
      for (const one of text.slice(0, end).split('\n')) {
        const match = pattern.exec(one.replace(/\r$/, ''));
        if (match) resolve(match);
      }
      text = text.slice(end + 1);
    };
    source.on('data', read);
  });
  try {
    return await within(
      Promise.race([
        found,
        process.ended.then((how) => {
          throw new Error(how);
        }),
      ]),
      timeout,
      `a line like ${pattern}`,
    );
  } catch (error) {
    throw new Error(`${name}: ${/** @type {Error} */ (error).message}; it said:\n${process.output() || '(nothing)'}`);
  } finally {
    source.off('data', read);
  }
}

/** The program under test, as cargo builds it. */
export const tidings = () => {
  const program = process.env.TIDINGS ?? path.join(root, 'target/debug', process.platform === 'win32' ? 'tidings.exe' : 'tidings');
  if (!existsSync(program)) throw new Error(`${program} is missing; build it with: cargo build -p tidings-cli`);
  return program;
};

/**
 * Starts `tidings …` and waits until it says that it is ready.
 *
 * @param {string[]} args
 * @param {{ ready?: RegExp, timeout?: number, env?: Record<string, string>, cwd?: string }} [options]
 *   `ready`: the line it prints on stdout once it accepts connections; its groups come back in `ready`.
 * @returns {Promise<Running & { ready: RegExpExecArray }>}
 */
export async function startTidings(args, { ready = /https?:\/\/\S+/, timeout = 20_000, env = {}, cwd } = {}) {
  const process_ = start(tidings(), args, { env: { ...process.env, ...env }, cwd });
  try {
    const match = await line(process_, ready, { timeout, name: `tidings ${args.join(' ')}` });
    return Object.assign(process_, { ready: match });
  } catch (error) {
    await process_.stop();
    throw error;
  }
}

/**
 * Runs `tidings …` to its end.
 *
 * @param {string[]} args
 * @param {{ input?: string, timeout?: number, env?: Record<string, string>, cwd?: string }} [options]
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
export async function runTidings(args, { input = '', timeout = 30_000, env = {}, cwd } = {}) {
  const process_ = start(tidings(), args, { env: { ...process.env, ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  process_.child.stdout?.on('data', (text) => void (stdout += text));
  process_.child.stderr?.on('data', (text) => void (stderr += text));
  process_.child.stdin?.on('error', () => {}).end(input);
  const closed = once(process_.child, 'close');
  try {
    await within(closed, timeout, `tidings ${args.join(' ')}`);
  } catch (error) {
    await process_.kill();
    throw error;
  }
  return { code: process_.child.exitCode, stdout, stderr };
}
