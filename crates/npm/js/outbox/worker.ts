// The outbox in the worker: its events, and its use by the worker itself. Nothing here runs before it is asked.

import type { WorkerOptions } from '../worker/options';
import { locked, upload } from '../worker/upload';
import { type EntryOptions, type Job, type OutboxEntry, ofJob, ofRequest } from './entry';
import { insert, type OutboxState, state, TAG } from './queue';
import { replay } from './replay';

declare const self: ServiceWorkerGlobalScope;

let options: () => WorkerOptions = () => ({});

/** Registers the events of the outbox. Called in the worker's first evaluation. */
export function listenToOutbox(given: () => WorkerOptions): void {
  options = given;
  self.addEventListener('sync', (event: any) => {
    const { onSync } = options();
    if (event.tag === TAG) event.waitUntil(synced(event.lastChance));
    else if (onSync) event.waitUntil((async () => onSync(event.tag, event))());
  });
  self.addEventListener('periodicsync', (event: any) => {
    const { onPeriodicSync } = options();
    if (event.tag === TAG) event.waitUntil(all(1));
    else if (onPeriodicSync) event.waitUntil((async () => onPeriodicSync(event.tag, event))());
  });
}

/** How often what was not answered is tried again, in milliseconds, because the network is said to be back. */
const PAUSE = 10_000;
let hurried = -PAUSE;

/** Sends what waits in the outbox, and what the page has left; whether the latter still waits. */
const all = (eager: number, done?: () => void) => Promise.all([locked((record) => upload(record, eager)), replay(options(), eager, done)]);

/** The network is back. A rejection makes the browser try again, until it says that this is the last chance. */
async function synced(last: boolean): Promise<void> {
  // It also comes at once after each registration: what nobody has answered just now is not asked again and again.
  const now = performance.now();
  const eager = last || now > hurried + PAUSE;
  if (eager) hurried = now;
  const [waits] = await all(Number(eager));
  if (!waits && !(await state()).pending) return;
  if (!last) throw new Error('entries wait');
  // A new registration has new chances; some browsers want a page for that.
  await (self.registration as any).sync.register(TAG).catch(() => {});
}

let release = () => {};

/**
 * A page asks for a replay, and may bring what it could not store. The last of these events keeps the worker alive; those
 * before it end, or a page that goes on adding would fill the memory with open events.
 */
export async function asked({ data, ports }: ExtendableMessageEvent): Promise<void> {
  for (const entry of data.entries) await insert(entry, { maxEntries: Infinity, maxBytes: Infinity });
  release();
  const over = new Promise<void>((resolve) => (release = resolve));
  await Promise.race([over, all(data.eager, () => ports[0]?.postMessage(null))]);
}

/**
 * This worker runs, and has done what it was started for: what else waits? It is sent in an event of its own: a push that
 * is not over when its notification is clicked makes Chromium show another one.
 */
export const nudge = (eager = 0) => self.registration.active?.postMessage({ tidings: 'outbox', eager, entries: [] });

const add = async (making: Promise<OutboxEntry> | OutboxEntry, limits = {}) => {
  const entry = await insert(await making, limits);
  nudge();
  return entry;
};

/** The outbox in the worker itself; `tidings/outbox` is the page's. */
export const outbox = {
  /** Queues a request; it is stored when this resolves. */
  fetch: (input: RequestInfo | URL, init?: RequestInit & EntryOptions): Promise<OutboxEntry> => add(ofRequest(input, init)),
  /** Queues a job for `onJob`. */
  add: (job: Job): Promise<OutboxEntry> => add(ofJob(job)),
  /** What waits, and what was set aside. */
  state: (): Promise<OutboxState> => state(),
  /** Tries all that waits now. */
  flush: (): Promise<void> => new Promise((resolve, reject) => replay(options(), 2, resolve).catch(reject)),
};
