// npm run bench:sender -- [subscriptions …] [--only NAME] [--runs N] [--out FOLDER]: a broadcast by Tidings beside npm's
// `web-push` and the crate `web-push`, and what it costs to encrypt one message, beside the bare cryptography. Writes the report,
// bench/results/sender.md. By default 10000 subscriptions, three times, and 100000, once: some five minutes, and as many before
// to build it all once. Do nothing else with the machine meanwhile.
//
// One after the other they send the same message to the same push service (`tidings push-service --load`), over TLS with 128
// requests under way. Sender and service have one core each, where `taskset` is there. Tidings reads the subscriptions from its
// database and notes each outcome there; the others have all of them in memory and note nothing.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { ifMain, read, root, run, step, which } from '../scripts/lib/run.mjs';
import { made, table } from './lib/markdown.mjs';
import { bars } from './lib/plot.mjs';
import { median, summary } from './lib/statistics.mjs';

/**
 * @typedef {object} Broadcast
 * @property {string} name of the sender
 * @property {number} count of subscriptions
 * @property {number} rate messages a second
 * @property {number} cpu milliseconds of the sender's core for a message
 * @property {number} peak MB that the sender had in memory
 * @property {number} service how busy the push service's core was, 0 to 1
 * @property {string} protocol
 * @property {number} repeated messages that came twice
 * @typedef {{ name: string, median: number, low: number, high: number }} Encryption microseconds for a message
 */

const FOLDER = path.join(root, 'bench/rust');
/** The slowest of them takes minutes for 100 000. */
const PATIENCE = 600_000;
const TICKS = 100;

const program = (/** @type {string} */ name) => path.join(FOLDER, 'target/release', name);
const message = /MESSAGE: &str = r#"(.*)"#/.exec(readFileSync(path.join(FOLDER, 'src/lib.rs'), 'utf8'))?.[1] ?? '';
const npm = path.join(root, 'bench/senders/npm-web-push.mjs');

const OURS = 'Tidings';
const PEER = 'npm web-push 3.6';
/** @type {Record<string, (args: string[]) => string[]>} */
const CONTENDERS = {
  [OURS]: (args) => [program('tidings'), ...args],
  'crate web-push 0.11': (args) => [program('web_push'), ...args],
  [`${PEER}, signed once`]: (args) => [process.execPath, npm, ...args, message, 'reuse'],
  [PEER]: (args) => [process.execPath, npm, ...args, message],
};

/** The command that runs another on one core, where that can be. */
function on(/** @type {number} */ core, /** @type {string[]} */ command) {
  return which('taskset') && cpus().length > 1 ? ['taskset', '-c', String(core), ...command] : command;
}

/** Seconds of processor that a process has had. */
function processor(/** @type {number} */ pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

async function startService() {
  const [command, ...args] = on(1, [program('service')]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const description = await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    child.once('close', () => reject(new Error('the push service did not start')));
  });
  return { description: JSON.parse(description), cpu: () => processor(/** @type {number} */ (child.pid)), stop: () => child.stdin.end() };
}

/** @returns {Promise<Broadcast>} */
async function broadcast(/** @type {string} */ name, /** @type {number} */ count, /** @type {string} */ folder) {
  const service = await startService();
  try {
    const file = path.join(folder, 'about.json');
    writeFileSync(file, JSON.stringify(service.description));
    const [command, ...args] = on(0, CONTENDERS[name]([String(count), file]));
    const before = service.cpu();
    const { messages, seconds, cpu, peak } = JSON.parse(await read(command, args, { timeout: PATIENCE, env: { ...process.env, TIDINGS_LOG: 'error' } }));
    const busy = (service.cpu() - before) / seconds;
    const counts = await (await fetch(`${service.description.http}/load`)).json();
    if (counts.distinct !== count || counts.refused !== 0) throw new Error(`${name}: ${JSON.stringify(counts)} of ${count}`);
    const protocol = counts.http2 > counts.taken / 2 ? 'HTTP/2' : 'HTTP/1.1';
    return { name, count, rate: messages / seconds, cpu: (cpu * 1000) / messages, peak: peak / 1024, service: busy, protocol, repeated: counts.taken - counts.distinct };
  } finally {
    service.stop();
  }
}

/** @returns {Promise<Encryption[]>} */
async function encryption() {
  const [command, ...args] = on(0, [program('encrypt')]);
  return (await read(command, args)).trim().split('\n').map((line) => JSON.parse(line));
}

/** The report's text and its plot. @param {Broadcast[]} all @param {Encryption[]} costs */
export function report(all, costs) {
  const sizes = [...new Set(all.map(({ count }) => count))];
  const names = [...new Set(all.map(({ name }) => name))];
  const of = (/** @type {string} */ name, /** @type {number} */ count) => all.filter((one) => one.name === name && one.count === count);
  const middle = (/** @type {Broadcast[]} */ some, /** @type {'rate' | 'cpu' | 'peak' | 'service' | 'repeated'} */ what) => median(some.map((one) => one[what]));
  const rows = sizes.flatMap((count) =>
    names.filter((name) => of(name, count).length > 0).map((name) => {
      const [some, peer] = [of(name, count), of(PEER, count)];
      const times = peer.length > 0 ? (middle(some, 'rate') / middle(peer, 'rate')).toFixed(1) : '–';
      return [name, count, Math.round(middle(some, 'rate')), times, middle(some, 'cpu').toFixed(3), Math.round(middle(some, 'peak')), some[0].protocol, `${Math.round(middle(some, 'service') * 100)} %`, middle(some, 'repeated')];
    }),
  );
  const bare = costs.find(({ name }) => name.startsWith('bare, ring'))?.median ?? Number.NaN;
  const text = `All send the same message, one after the other, to \`tidings push-service --load\`, over TLS, with 128 requests under way, each
by the newest protocol that it speaks. The sender has one core, the push service the other; how busy that was says whether it
held the sender up. Tidings reads subscriptions from its SQLite file and notes each outcome there; the others have all in memory
and note nothing. Medians, where there is more than one run. × is how many times the messages a second of npm's \`web-push\` as
its documentation has it; "signed once" is the same with one VAPID signature for all, which it leaves to its caller.

![Messages a second, by sender](sender.svg)

${table(['sender', 'subscriptions', 'messages/s', '×', 'CPU ms/message', 'peak MB', 'protocol', 'service busy', 'repeated'], rows)}

To encrypt one message of 200 bytes, in one thread, beside the bare cryptography that RFC 8291 asks for: a key pair, an agreement
and AES-128-GCM, with nothing around it.

${table(['', 'µs', 'quartiles', '× bare ring'], costs.map(({ name, median: time, low, high }) => [name, time.toFixed(1), `${low.toFixed(1)}–${high.toFixed(1)}`, (time / bare).toFixed(2)]))}
`;
  const groups = names.map((name) => ({ name, values: sizes.map((count) => (of(name, count).length > 0 ? summary(of(name, count).map(({ rate }) => rate)) : undefined)) }));
  return { text, plot: bars({ label: 'Messages a second, by sender', series: sizes.map((count) => `${count} subscriptions`), groups }) };
}

await ifMain(import.meta.url, async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string', default: '' }, runs: { type: 'string' }, out: { type: 'string', default: path.join(root, 'bench/results') } },
  });
  const sizes = positionals.length > 0 ? positionals.map(Number) : [10_000, 100_000];
  await step('Building the senders', () => run('cargo', ['build', '--release', '--quiet', '--locked'], { cwd: FOLDER }));
  const folder = mkdtempSync(path.join(tmpdir(), 'tidings-bench-'));
  try {
    const costs = await step('Encrypting', encryption);
    /** @type {Broadcast[]} */
    const all = [];
    for (const count of sizes) {
      const runs = Number(values.runs ?? (count > 10_000 ? 1 : 3));
      for (let turn = 0; turn < runs; turn++) {
        for (const name of Object.keys(CONTENDERS)) {
          if (!name.toLowerCase().includes(values.only.toLowerCase())) continue;
          all.push(await step(`${name}, ${count}`, () => broadcast(name, count, folder)));
        }
      }
    }
    const { text, plot } = report(all, costs);
    mkdirSync(values.out, { recursive: true });
    const whole = `# A broadcast, on one core\n\n${made(positionals.length > 0 ? `npm run bench:sender -- ${positionals.join(' ')}` : 'npm run bench:sender')}\n\n${text}`;
    writeFileSync(path.join(values.out, 'sender.md'), whole);
    writeFileSync(path.join(values.out, 'sender.svg'), plot);
    console.log(`\n${whole}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
