// What can be done with the entries, each in one transaction: page and worker share it, and tell each other.

import { type OutboxEntry, OutboxError } from './entry';
import { META, type Meta, put, read, storage, type Store, take, transact } from './store';
import { TAG } from './tag';

export { TAG };

/** What is in the outbox. */
export interface OutboxState extends Readonly<Meta> {
  /** `memory`: the database cannot be opened just now, and what is pending is lost when all pages are closed. */
  readonly storage: 'disk' | 'memory';
}

/** What has happened, as every page hears of it. */
export interface OutboxEvent {
  readonly type: 'added' | 'done' | 'retry' | 'failed' | 'moved' | 'idle';
  readonly state: OutboxState;
  /** The entry, but for the body of its request. */
  readonly entry?: OutboxEntry;
}

/** How much may wait or be set aside. */
export interface Limits {
  /** Entries; default 10 000. */
  maxEntries?: number;
  /** Bytes, about; default 50 MB. */
  maxBytes?: number;
}

let opened: BroadcastChannel | undefined;
/** A channel does not hear itself: whoever calls this hears of it, too. */
export const heard = new Set<(event: OutboxEvent) => void>();
export const channel = () => (opened ??= new BroadcastChannel(TAG));

export function announce(type: OutboxEvent['type'], meta: Meta, entry?: OutboxEntry): void {
  const event: any = { type, state: { ...meta, storage: storage() }, entry: entry && { ...entry, request: entry.request && { ...entry.request, body: undefined } } };
  try {
    channel().postMessage(event);
  } catch {
    // No channels here, or a job's data that travels to the disk but not to a page.
  }
  for (const hear of heard) hear(event);
}

export async function state(): Promise<OutboxState> {
  const meta = await transact('readonly', read);
  return { ...meta, storage: storage() };
}

type Run = (meta: Meta, store: Store) => Promise<unknown>;

let group: [run: Run, resolve: (meta: Meta) => void, reject: (error: unknown) => void][] = [];
let before: Promise<unknown> = Promise.resolve();
let strict: 'strict' | undefined;

/** Changes what is known of all, and the entries with it. What comes while a transaction runs shares the next one. */
export const change = (run: Run, durability?: 'strict') =>
  new Promise<Meta>((resolve, reject) => {
    strict ??= durability;
    if (group.push([run, resolve, reject]) < 2) before = before.then(commit);
  });

async function commit(): Promise<void> {
  const [own, durability] = [group, strict];
  group = [];
  strict = undefined;
  try {
    const ends = await transact('readwrite', async (store) => {
      let meta = await read(store);
      const ends = [];
      for (const [run, resolve, reject] of own) {
        const after = { ...meta };
        try {
          await run(after, store);
          meta = after;
          ends.push(() => resolve(after));
        } catch (error) {
          ends.push(() => reject(error));
        }
      }
      await store.put(META, meta);
      return ends;
    }, undefined, durability);
    for (const end of ends) end();
  } catch (error) {
    for (const [, , reject] of own) reject(error);
  }
}

/** Adds an entry, once; it is on disk when this resolves. */
export async function insert(entry: OutboxEntry, { maxEntries = 10_000, maxBytes = 50_000_000 }: Limits): Promise<OutboxEntry> {
  try {
    const meta = await change(async (meta, store) => {
      if (await store.get(`p${entry.id}`)) return;
      if (meta.pending + meta.failed >= maxEntries || meta.bytes + entry.size > maxBytes) {
        throw new OutboxError('full', 'the outbox is full');
      }
      await put(store, meta, entry);
    }, 'strict');
    announce('added', meta, entry);
    return entry;
  } catch (error) {
    const { name } = Object(error);
    if (name === 'OutboxError') throw error;
    const code = name === 'QuotaExceededError' ? 'quota' : name === 'DataCloneError' ? 'invalid' : 'unknown';
    throw new OutboxError(code, 'not stored; see the cause', error);
  }
}

/** The next entries after a key. */
export const list = (from: string, to: string, count: number) => transact('readonly', (store) => store.list(from, to, count));

/** Replaces an entry that waits: by what has become of it, or by nothing. It may be gone, and then it stays so. */
export async function settle(entry: OutboxEntry, becomes?: OutboxEntry, response = becomes?.response): Promise<void> {
  let gone = false;
  const meta = await change(async (meta, store) => {
    if ((gone = !(await store.get(`p${entry.id}`)))) return;
    await take(store, meta, entry);
    if (becomes) await put(store, meta, becomes);
  });
  if (!gone) announce(becomes ? (becomes.reason ? 'failed' : 'retry') : 'done', meta, { ...(becomes ?? entry), response });
}

/** Notes when the next attempt is due. */
export async function due(next: number): Promise<void> {
  const meta = await change(async (meta) => {
    meta.next = next < Infinity ? next : undefined;
  });
  announce('idle', meta);
}
