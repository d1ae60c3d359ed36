// `tidings/outbox`: what a page tells a server gets there, though the tab is closed, the network gone or the server down.
// The page stores and the worker sends. No WASM here.

import { discard, entries, retry } from './edit';
import { type EntryOptions, type Job, type OutboxEntry, OutboxError, ofJob, ofRequest } from './entry';
import { channel, heard, insert, type Limits, type OutboxEvent, type OutboxState, state, TAG } from './queue';
import { ended, onlyInMemory } from './store';

/** How often a page reminds the worker of what waits, in milliseconds: browsers stop a worker that nobody talks to. */
const REMIND = 15_000;

/** How often an installed app wants to be woken while all pages are closed, in milliseconds; browsers decide themselves. */
const DAILY = 12 * 3600_000;

export interface OutboxOptions extends Limits {
  /** A URL in the scope of the worker; default: this page. */
  scope?: string;
}

/** The outbox of this site; see {@link createOutbox}. */
export interface Outbox {
  /**
   * Queues a request with any body. It is stored when this resolves, and sent as soon as it can be; its answer comes as
   * the event `done` or `failed`.
   *
   * @throws OutboxError `full`, `quota`, `invalid`
   */
  fetch(input: RequestInfo | URL, init?: RequestInit & EntryOptions): Promise<OutboxEntry>;
  /** Queues a job for the worker's `onJob`. */
  add(job: Job): Promise<OutboxEntry>;
  /** What waits, what was set aside, when the next attempt is, and whether all of it is on disk. */
  state(): Promise<OutboxState>;
  /** The entries themselves, in the order of sending; `after`: an id to go on from. */
  entries: typeof entries;
  /** Lets an entry be tried at once, or all that were set aside; returns how many. */
  retry(id?: string): Promise<number>;
  /** Throws an entry away, or all that were set aside; returns how many. */
  discard(id?: string): Promise<number>;
  /** Tries all that waits now, but for what a server asked to wait for; resolves when it was tried. */
  flush(): Promise<OutboxState>;
  /** Tells of every change, by whichever page or worker: `added`, `done`, `retry`, `failed`, `moved`, `idle`. */
  on(listener: (event: OutboxEvent) => void): () => void;
  /** Lets go of the page's events. */
  close(): void;
}

/** The outbox of this site. One is enough for a page; several do no harm. */
export function createOutbox({ scope, ...limits }: OutboxOptions = {}): Outbox {
  const ending = new AbortController();
  const own = new Set<(event: OutboxEvent) => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const registration = async (): Promise<ServiceWorkerRegistration | undefined> => {
    const { serviceWorker } = navigator;
    return (await serviceWorker?.getRegistration(scope)) ?? serviceWorker?.ready;
  };

  let asking = false;
  /** Asks the worker for a replay. Of those that ask for nothing more while one is on its way, one is enough. */
  const ask = async (eager: number, port?: MessagePort): Promise<void> => {
    if (asking && !eager) return;
    asking = true;
    // Before the message: what is stored from now on needs one of its own.
    const registered = await registration().finally(() => (asking = false));
    const worker = registered?.active ?? registered?.waiting ?? registered?.installing;
    worker?.postMessage({ tidings: 'outbox', eager, entries: onlyInMemory() }, port ? [port] : []);
  };

  let arming: Promise<unknown> | undefined;
  let armedToo = false;
  /** Has the browser wake the worker when there is a network, also if this page is closed. */
  const arm = (): void => {
    if (arming) return void (armedToo = true);
    armedToo = false;
    arming = registration()
      // The second is for installed apps: it comes again also after the first has used up its chances.
      .then((registered: any) => Promise.allSettled([registered?.sync?.register(TAG), registered?.periodicSync?.register(TAG, { minInterval: DAILY })]))
      // Not allowed, or no page in front: the other occasions remain.
      .catch(() => {})
      .then(() => {
        arming = undefined;
        if (armedToo) arm();
      });
  };

  const hear = (event: OutboxEvent): void => {
    const { type, entry } = event;
    if (entry && (type === 'done' || type === 'failed')) ended(entry);
    for (const listener of own) listener(event);
    remind(event.state);
  };
  /** As long as something waits, the worker is asked again when it is due. */
  const remind = (state: OutboxState): void => {
    if (timer || !state.pending || ending.signal.aborted) return;
    // A random part: of several tabs one is enough.
    const wait = Math.min(Math.max((state.next ?? 0) - Date.now(), REMIND), 2 ** 31 - 1) + Math.random() * 1000;
    timer = setTimeout(async () => {
      timer = undefined;
      await ask(0);
      remind(await current());
    }, wait);
  };
  const heardFar = ({ data }: MessageEvent<OutboxEvent>) => hear(data);
  heard.add(hear);
  channel().addEventListener('message', heardFar);

  const current = state;
  const start = async (eager: number) => {
    const now = await current();
    if (!now.pending) return;
    remind(now);
    arm();
    await ask(eager);
  };
  const again = (eager: number) => void start(eager).catch(() => {});
  const { signal } = ending;
  addEventListener('online', () => again(1), { signal });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && again(0), { signal });
  again(0);

  const add = async (making: Promise<OutboxEntry> | OutboxEntry): Promise<OutboxEntry> => {
    const entry = await insert(await making, limits);
    arm();
    void ask(0).catch(() => {});
    return entry;
  };
  const edited = async (editing: Promise<number>) => {
    const count = await editing;
    if (count) again(0);
    return count;
  };

  return {
    fetch: (input, init) => add(ofRequest(input, init)),
    add: (job) => add(ofJob(job)),
    state,
    entries,
    retry: (id) => edited(retry(id)),
    discard,
    async flush() {
      const { port1, port2 } = new MessageChannel();
      // Where there is no worker yet, nobody answers.
      const answer = new Promise((resolve) => (port1.onmessage = resolve));
      if (await navigator.serviceWorker?.getRegistration(scope)) {
        await ask(2, port2);
        await answer;
      }
      port1.close();
      return state();
    },
    on(listener) {
      own.add(listener);
      return () => void own.delete(listener);
    },
    close() {
      ending.abort();
      clearTimeout(timer);
      heard.delete(hear);
      channel().removeEventListener('message', heardFar);
    },
  };
}

/**
 * Has the worker's `onSync` called once there is a network, or `onPeriodicSync` every `interval` milliseconds or later.
 *
 * @throws OutboxError `unsupported` in browsers without it, `denied` if the browser does not allow it
 */
export const registerSync = (tag: string, interval?: number): Promise<void> =>
  managed(interval !== undefined, (manager) => manager.register(tag, ...(interval === undefined ? [] : [{ minInterval: interval }])));

/** The tags that wait for a network, or that are called from time to time. */
export const syncTags = (periodic = false): Promise<string[]> => managed(periodic, (manager) => manager.getTags());

/** Ends the calls of `onPeriodicSync` with this tag. */
export const unregisterPeriodicSync = (tag: string): Promise<void> => managed(true, (manager) => manager.unregister(tag));

async function managed(periodic: boolean, use: (manager: any) => Promise<any>): Promise<any> {
  const registration: any = await navigator.serviceWorker?.ready;
  const manager = registration?.[periodic ? 'periodicSync' : 'sync'];
  if (!manager) throw new OutboxError('unsupported', 'this browser has no background sync');
  try {
    return await use(manager);
  } catch (cause) {
    throw new OutboxError('denied', 'the browser does not allow background sync; see the cause', cause);
  }
}
