// A broadcast by Tidings beside npm's `web-push` and the crate `web-push`: `npm run bench:sender -- [subscriptions …]`, by default
// 10000 and 100000. And what it costs to encrypt one message, beside the bare cryptography.
//
// One after the other they send the same message to the same push service (`tidings push-service --load`), over TLS and HTTP/1.1
// with 128 requests under way. Sender and service have one core each, where `taskset` is there. Tidings reads the subscriptions
// from its database and notes each outcome there; the others have all of them in memory and note nothing.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ifMain, read, root, run, step, which } from '../scripts/lib/run.mjs';

const FOLDER = path.join(root, 'bench/rust');
/** The slowest of them takes minutes for 100 000. */
const PATIENCE = 600_000;

const program = (/** @type {string} */ name) => path.join(FOLDER, 'target/release', name);
const message = /MESSAGE: &str = r#"(.*)"#/.exec(readFileSync(path.join(FOLDER, 'src/lib.rs'), 'utf8'))?.[1] ?? '';
const npm = path.join(root, 'bench/senders/npm-web-push.mjs');

const CONTENDERS = {
  Tidings: (/** @type {string[]} */ args) => [program('tidings'), ...args],
  'crate web-push 0.11': (/** @type {string[]} */ args) => [program('web_push'), ...args],
  'npm web-push 3.6, one signature for all': (/** @type {string[]} */ args) => [process.execPath, npm, ...args, message, 'reuse'],
  'npm web-push 3.6, as documented': (/** @type {string[]} */ args) => [process.execPath, npm, ...args, message],
};

/** The command that runs another on one core, where that can be. */
function on(/** @type {number} */ core, /** @type {string[]} */ command) {
  return which('taskset') && cpus().length > 1 ? ['taskset', '-c', String(core), ...command] : command;
}

async function startService() {
  const [command, ...args] = on(1, [program('service')]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const description = await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    child.once('close', () => reject(new Error('the push service did not start')));
  });
  return { description: JSON.parse(description), stop: () => child.stdin.end() };
}

async function broadcast(/** @type {keyof typeof CONTENDERS} */ name, /** @type {number} */ count, /** @type {string} */ folder) {
  const service = await startService();
  try {
    const file = path.join(folder, 'about.json');
    writeFileSync(file, JSON.stringify(service.description));
    const [command, ...args] = on(0, CONTENDERS[name]([String(count), file]));
    const figures = JSON.parse(await read(command, args, { timeout: PATIENCE, env: { ...process.env, TIDINGS_LOG: 'error' } }));
    const counts = await (await fetch(`${service.description.http}/load`)).json();
    if (counts.distinct !== count || counts.refused !== 0) throw new Error(`${name}: ${JSON.stringify(counts)} of ${count}`);
    return { ...figures, repeated: counts.taken - counts.distinct };
  } finally {
    service.stop();
  }
}

await ifMain(import.meta.url, async () => {
  const sizes = process.argv.slice(2).filter((arg) => /^\d+$/.test(arg)).map(Number);
  const only = process.argv.slice(2).find((arg) => !/^\d+$/.test(arg));
  await step('Building the senders', () => run('cargo', ['build', '--release', '--quiet'], { cwd: FOLDER }));
  const folder = mkdtempSync(path.join(tmpdir(), 'tidings-bench-'));
  try {
    const [command, ...args] = on(0, [program('encrypt')]);
    const lines = (await read(command, args)).split('\n').map((line) => JSON.parse(line));
    console.log(`\nTo encrypt one message of 200 bytes, in one thread (${cpus()[0].model})\n`);
    console.log('| | µs | quarters | × bare ring |\n|---|---|---|---|');
    const bare = lines.find(({ name }) => name.startsWith('bare, ring')).median;
    for (const { name, median, low, high } of lines) console.log(`| ${name} | ${median} | ${low} to ${high} | ${(median / bare).toFixed(2)} |`);

    console.log('\nA broadcast, on one core\n');
    console.log('| | subscriptions | messages/s | CPU ms/message | peak MB | repeated |\n|---|---|---|---|---|---|');
    for (const count of sizes.length > 0 ? sizes : [10_000, 100_000]) {
      for (const name of /** @type {(keyof typeof CONTENDERS)[]} */ (Object.keys(CONTENDERS))) {
        if (only && !name.toLowerCase().includes(only.toLowerCase())) continue;
        const { messages, seconds, cpu, peak, repeated } = await broadcast(name, count, folder);
        const cells = [name, count, Math.round(messages / seconds), ((cpu * 1000) / messages).toFixed(3), Math.round(peak / 1024), repeated];
        console.log(`| ${cells.join(' | ')} |`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
