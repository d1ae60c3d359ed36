// Running a test suite: its output goes through, its tests are counted, and none at all is a failure.

import { spawn } from 'node:child_process';
import { Failure, root, seconds } from './run.mjs';

/** How the runners close: cargo (also under wasm-pack), then node's. */
const CLOSINGS = [
  { passed: /^test result: \w+\. (\d+) passed; (\d+) failed/, add: ([, passed, failed]) => [+passed, +failed] },
  { passed: /^(?:#|ℹ) pass (\d+)/, add: ([, passed]) => [+passed, 0] },
  { passed: /^(?:#|ℹ) fail (\d+)/, add: ([, failed]) => [0, +failed] },
];

/** The tests that a line of output reports, as [passed, failed]. */
export function count(line) {
  for (const { passed, add } of CLOSINGS) {
    const match = passed.exec(line.replaceAll(/\x1b\[[\d;]*m/g, ''));
    if (match) return add(match);
  }
  return [0, 0];
}

/** The file that node's runner names in a line about a failed test. */
export function failedFile(line) {
  return /^test at (\S+?):\d+:\d+$/.exec(line.trim())?.[1];
}

/**
 * Runs one suite in the repository.
 *
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ name: string, passed: number, failed: number, ok: boolean, ms: number, files: Set<string> }>}
 *   `files`: those with failed tests, where the runner names them
 */
export async function suite(name, command, args, options = {}) {
  console.log(`\n▶ ${name}`);
  const start = performance.now();
  const child = spawn(command, args, { cwd: root, ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  let passed = 0;
  let failed = 0;
  let rest = '';
  const files = new Set();
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [more, less] = count(line);
      passed += more;
      failed += less;
      const file = failedFile(line);
      if (file) files.add(file);
    }
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Failure(`${command}: ${error.message}`)));
    child.once('close', resolve);
  });
  if (passed + failed === 0) console.error(`✗ ${name} ran no test`);
  const ok = code === 0 && failed === 0 && passed > 0;
  const ms = performance.now() - start;
  console.log(`${ok ? '✓' : '✗'} ${name}: ${passed} passed, ${failed} failed (${seconds(ms)})`);
  return { name, passed, failed, ok, ms, files };
}
