// Running other programs from the scripts: what runs is printed, what fails is named.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

const windows = process.platform === 'win32';

/** A failure whose message says all there is to say: print it without its stack. */
export class Failure extends Error {
  name = 'Failure';
}

/**
 * Runs a program in the repository, with its output on ours.
 *
 * @param {string} command
 * @param {string[]} [args]
 * @param {import('node:child_process').SpawnOptions & { quiet?: boolean }} [options]
 *   `quiet`: its output appears only if it fails.
 * @returns {Promise<void>} rejects if it cannot be started or its exit code is not 0
 */
export async function run(command, args = [], { quiet = false, ...options } = {}) {
  const result = await execute(command, args, { stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit', ...options });
  if (result.how === undefined) return;
  if (quiet) process.stderr.write(result.stdout + result.stderr);
  throw new Failure(`${[command, ...args].join(' ')}: ${result.how}`);
}

/**
 * What a program prints, without the last line's end.
 *
 * @param {string} command
 * @param {string[]} [args]
 * @param {import('node:child_process').SpawnOptions} [options]
 */
export async function read(command, args = [], options = {}) {
  const { how, stdout, stderr } = await execute(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  if (how !== undefined) throw new Failure(`${[command, ...args].join(' ')}: ${how}\n${stderr}`);
  return stdout.trimEnd();
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ how: string | undefined, stdout: string, stderr: string }>} `how` it failed, if it did
 */
function execute(command, args, options) {
  return new Promise((resolve) => {
    // Only npm and its like are .cmd files, which Windows starts through its shell alone.
    const child = spawn(command, args, { cwd: root, shell: windows && command === 'npm', ...options });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => void (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => void (stderr += text));
    child.once('error', (error) => resolve({ how: /** @type {any} */ (error).code === 'ENOENT' ? 'not found' : error.message, stdout, stderr }));
    child.once('close', (code, signal) => resolve({ how: code === 0 ? undefined : signal ? `ended by ${signal}` : `exit code ${code}`, stdout, stderr }));
  });
}

/**
 * Where a program is: in one of `first`, or on the PATH.
 *
 * @param {string} command
 * @param {string[]} [first] folders to look in before the PATH
 * @returns {string | undefined}
 */
export function which(command, first = []) {
  const endings = windows ? ['.exe', '.cmd', ''] : [''];
  for (const folder of [...first, ...(process.env.PATH ?? '').split(path.delimiter)]) {
    for (const ending of endings) {
      const file = path.join(folder || '.', command + ending);
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isFile()) return file;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/**
 * Says what is done and how long it took.
 *
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const start = performance.now();
  console.log(`• ${what}`);
  const result = await work();
  console.log(`✓ ${what} (${seconds(performance.now() - start)})`);
  return result;
}

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs a script's main function when that script is what Node was started with.
 *
 * @param {string} url the script's import.meta.url
 * @param {() => unknown} main
 */
export async function ifMain(url, main) {
  if (!process.argv[1] || path.resolve(process.argv[1]) !== fileURLToPath(url)) return;
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Failure ? `\n✗ ${error.message}` : error);
    process.exitCode = 1;
  }
}
