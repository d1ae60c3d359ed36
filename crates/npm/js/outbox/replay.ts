// The replay: the worker sends what waits, one replayer at a time, entries read from the store as they are needed.
// Rust decides whose turn it is and what an answer means (crates/core/src/outbox.rs).

import { log, report } from '../worker/push';
import type { WorkerOptions } from '../worker/options';
import { rust } from '../worker/wasm';
import { type OutboxEntry, type OutboxResponse } from './entry';
import { due, list, settle, state } from './queue';
import { transact } from './store';

/** Attempts at the same time, of queues that do not mind the order. */
const SLOTS = 6;
/** Entries read in one go. */
const BATCH = 12;
/** How long one attempt may take, in milliseconds, if its entry does not say. */
const TIMEOUT = 30_000;
/** How long a worker stays for the next attempt, in milliseconds, rather than to be woken for it. */
const PATIENCE = 20_000;
/** How long a replayer's word counts where there are no locks, in milliseconds. */
const LEASE = 15_000;

/** The numbers of `Turn` in Rust. */
const SEND = 0;
const WAIT = 1;
const EXPIRED = 2;

let running: Promise<void> | undefined;
let again = false;
let hurry = 0;
let wake = () => {};
let flushed: (() => void)[] = [];

/**
 * Sends what is due, and what is due soon after. Resolves when nothing is left that this worker should stay for.
 *
 * @param eager how little is waited for, from 0 to 2: `turn` in Rust
 * @param done called when all that is due now was tried
 */
export function replay(options: WorkerOptions, eager = 0, done?: () => void): Promise<void> {
  hurry = Math.max(hurry, eager);
  again = true;
  if (done) flushed.push(done);
  wake();
  return (running ??= run(options));
}

async function run(options: WorkerOptions): Promise<void> {
  try {
    for (;;) {
      const [eager, calls] = [hurry, flushed];
      again = false;
      hurry = 0;
      flushed = [];
      const next = await alone(() => walks(options, eager)).finally(() => calls.forEach((call) => call()));
      if (again) continue;
      const wait = next - Date.now();
      if (!(wait < PATIENCE)) return;
      await new Promise<void>((resolve) => setTimeout((wake = resolve), wait));
    }
  } finally {
    // At once: whoever calls from now on starts anew.
    running = undefined;
  }
}

/** Runs `run` while no other page or worker does. */
async function alone(run: () => Promise<number>): Promise<number> {
  if (navigator.locks) return navigator.locks.request('tidings-outbox', run);
  const take = (mine?: boolean) =>
    transact('readwrite', async (store) => {
      const until: number = await store.get('lease');
      const left = until - Date.now();
      // More than anybody was given: the clock was put back.
      if (!mine && left > 0 && left <= LEASE) return until;
      await store.put('lease', Date.now() + LEASE);
    });
  const until = await take();
  // Should its owner have been stopped, its word ends, too.
  if (until) return until;
  const renewal = setInterval(() => void take(true).catch(() => {}), LEASE / 3);
  try {
    return await run();
  } finally {
    clearInterval(renewal);
    await transact('readwrite', (store) => store.delete('lease'));
  }
}

/** Walks until there is nothing more to send now; returns when there will be. */
async function walks(options: WorkerOptions, eager: number): Promise<number> {
  const { pending } = await state();
  let next = Infinity;
  if (!pending) return next;
  for (let sent = true; sent; eager = 0) {
    [next, sent] = await walk(options, eager);
  }
  await due(next);
  return next;
}

/** One walk over all that waits, in lanes: the free queues together, each strict one for itself. */
async function walk(options: WorkerOptions, eager: number): Promise<[next: number, sent: boolean]> {
  let next = Infinity;
  let sent = false;
  const lanes = new Map<string, Promise<void>>();
  const lane = async (queue: string | undefined, from: string): Promise<void> => {
    const busy = new Set<Promise<unknown>>();
    for (;;) {
      const entries = await list(from, 'q', BATCH);
      for (const entry of entries) {
        from = `p${entry.id}`;
        const turn = entry.job && !options.onJob ? WAIT : rust((module) => module.turn(entry, queue, Date.now(), haste(entry, eager)));
        if (turn === WAIT) {
          next = Math.min(next, entry.next ?? Infinity);
          if (queue !== undefined) return;
        } else if (turn === EXPIRED) {
          await settle(entry, { ...entry, reason: 'expired' });
        } else if (turn === SEND) {
          sent = true;
          const attempt = send(entry, options).then((left) => {
            next = Math.min(next, left);
            busy.delete(attempt);
            return left;
          });
          busy.add(attempt);
          if (queue !== undefined && (await attempt) < Infinity) return;
          if (busy.size >= SLOTS) await Promise.race(busy);
        } else if (queue === undefined && !lanes.has(entry.queue)) {
          // From just before it.
          lanes.set(entry.queue, lane(entry.queue, from.slice(0, -1)));
        }
      }
      if (entries.length < BATCH) break;
    }
    await Promise.all(busy);
  };
  await lane(undefined, 'p');
  await Promise.all(lanes.values());
  return [next, sent];
}

/** How eager to be with an entry: if it was last tried in the future, the clock was put back, and when it is due says nothing. */
export const haste = ({ tried }: Pick<OutboxEntry, 'tried'>, eager: number) => (tried! > Date.now() ? 3 : eager);

/** One attempt, and what comes of it; returns when the next one is due, if there is one. */
async function send(entry: OutboxEntry, options: WorkerOptions): Promise<number> {
  const [answer, change] = await tried(entry, options);
  await settle(entry, change && { ...entry, ...change, attempts: entry.attempts + 1, tried: Date.now(), response: answer }, answer);
  return change?.next ?? Infinity;
}

/** One attempt: the answer, and what it changes of the entry; nothing if it has arrived. */
export async function tried(entry: OutboxEntry, options: WorkerOptions): Promise<[OutboxResponse, any]> {
  const answer = await attempt(entry, options);
  const after = answer.headers.find(([name]) => name === 'retry-after')?.[1] ?? '';
  log(options, 'outbox', [entry.id, answer.status]);
  return [answer, rust((module) => module.judge(entry, answer.status, parseFloat(after), Date.parse(after), Date.now(), Math.random()))];
}

async function attempt({ id, request, job, attempts, timeout = TIMEOUT }: OutboxEntry, options: WorkerOptions): Promise<OutboxResponse> {
  const stop = new AbortController();
  let timer: any;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(reject, timeout, 'timeout')));
  try {
    const work = async (): Promise<OutboxResponse> => {
      const response: Response | void = job
        ? await options.onJob?.({ ...job, id, attempts } as any, stop.signal)
        : await fetch(made(id, request!, stop.signal));
      if (!(response instanceof Response)) return { status: 200, headers: [], body: '' };
      // Of an opaque answer nothing can be known but that there was one.
      const status = response.type.startsWith('opaque') ? 200 : response.status;
      return { status, headers: [...(response.headers as any)], body: await response.text().catch(() => '') };
    };
    return await Promise.race([work(), late]);
  } catch (error) {
    if (job) report(options, error, 'onJob');
    // A job may throw a response, or anything with a status.
    const { status = 0, headers = [] } = Object(error);
    return { status, headers: [...headers], body: String(error) };
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

function made(id: string, { url, headers, ...init }: NonNullable<OutboxEntry['request']>, signal: AbortSignal): Request {
  const request = new Request(url, { ...init, headers, signal });
  if (id && !request.headers.has('idempotency-key')) request.headers.set('idempotency-key', id);
  return request;
}
