// Where the entries are: in IndexedDB, or in memory as long as that cannot be opened. Never hangs.

import type { OutboxEntry } from './entry';
import { open, result } from './open';

/** How long the database may take to open, in milliseconds. */
const PATIENCE = 4000;
/** When it is tried again after that, in milliseconds. */
const PAUSE = 20_000;
/** How long a transaction may take, in milliseconds, with those before it. */
const DEADLINE = 10_000;

/** One transaction's view. */
export interface Store {
  get(key: string): Promise<any>;
  put(key: string, value: unknown): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  /** The first so many entries between two keys, without those. */
  list(from: string, to: string, count: number): Promise<OutboxEntry[]>;
}

/** What is known without looking at the entries. */
export interface Meta {
  pending: number;
  failed: number;
  bytes: number;
  /** When the next attempt is due, if the last walk has left something. */
  next?: number;
}

/** Its key; those of entries begin with `p` or `f`. */
export const META = 'meta';

export const read = async (store: Store): Promise<Meta> => ({ pending: 0, failed: 0, bytes: 0, ...(await store.get(META)) });

const keyOf = ({ reason, id }: OutboxEntry) => (reason ? 'f' : 'p') + id;

const count = (meta: Meta, { reason, size }: OutboxEntry, sign: number) => {
  meta[reason ? 'failed' : 'pending'] += sign;
  meta.bytes += sign * size;
};

/** Stores an entry, and counts it. */
export const put = (store: Store, meta: Meta, entry: OutboxEntry) => (count(meta, entry, 1), store.put(keyOf(entry), entry));

/** Takes it out again. */
export const take = (store: Store, meta: Meta, entry: OutboxEntry) => (count(meta, entry, -1), store.delete(keyOf(entry)));

const memory = new Map<string, any>();

const inMemory: Store = {
  get: async (key) => memory.get(key),
  put: async (key, value) => memory.set(key, value),
  delete: async (key) => memory.delete(key),
  list: async (from, to, count) =>
    [...memory.keys()].filter((key) => key > from && key < to).sort().slice(0, count).map((key) => memory.get(key)),
};

/** The entries that only memory holds. */
export const onlyInMemory = (): OutboxEntry[] => [...memory.values()].filter(({ id, reason }) => id && !reason);

/** The worker has taken care of such an entry: it is forgotten, or kept as set aside. */
export function ended(entry: OutboxEntry): void {
  const waiting = memory.get(`p${entry.id}`);
  if (!waiting) return;
  const meta = memory.get(META);
  void take(inMemory, meta, waiting);
  if (entry.reason) void put(inMemory, meta, entry);
}

const onDisk = (store: IDBObjectStore): Store => ({
  get: (key) => result(store.get(key)),
  put: (key, value) => result(store.put(value, key)),
  delete: (key) => result(store.delete(key)),
  list: (from, to, count) => result(store.getAll(IDBKeyRange.bound(from, to, true, true), count)),
});

let opening: Promise<IDBDatabase | undefined> | undefined;
let ready: IDBDatabase | undefined;
let again = 0;

/** The open database; `undefined`: memory must do for now. */
const database = async () => ready ?? (performance.now() < again ? undefined : (opening ??= attempt().finally(() => (opening = undefined))));

async function attempt(): Promise<IDBDatabase | undefined> {
  const opened = (async () => open())();
  const db = await Promise.race([opened, new Promise<void>((resolve) => setTimeout(resolve, PATIENCE))]).catch(() => {});
  if (!db) {
    again = performance.now() + PAUSE;
    // Another attempt will do: one that is never answered must not be the last, and one that is late must not stay open.
    opened.then((db) => db.close(), () => {});
    return;
  }
  // A newer version of the database is wanted, or the browser has had enough of this one.
  db.onversionchange = db.onclose = () => {
    db.close();
    ready = undefined;
  };
  ready = db;
  // What came meanwhile is as good as the rest from now on. Should it fail, it stays where it is.
  if (memory.size) await transact('readwrite', rescue).then(() => memory.clear(), () => {});
  return db;
}

/** Copies what memory holds; the other side may have been given the same, and have stored it. */
async function rescue(store: Store): Promise<void> {
  const meta = await read(store);
  for (const entry of memory.values()) {
    if (entry.id && !(await store.get(keyOf(entry)))) await put(store, meta, entry);
  }
  await store.put(META, meta);
}

/** Whether entries outlive this page or worker. */
export const storage = (): 'disk' | 'memory' => (ready ? 'disk' : 'memory');

/**
 * Runs `run` in one transaction of one object store, all or nothing, and once more if that is not answered; `strict`: on disk
 * when this resolves, whatever happens then.
 */
export async function transact<T>(mode: IDBTransactionMode, run: (store: Store) => Promise<T>, name = 'outbox', durability?: 'strict'): Promise<T> {
  for (let tries = 2; tries--; ) {
    let transaction: IDBTransaction | undefined;
    try {
      transaction = (await database())?.transaction(name, mode, { durability } as any);
    } catch {
      // The browser has closed it without a word.
      ready = undefined;
      continue;
    }
    if (!transaction) break;
    const end = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    end.catch(() => {});
    const work = async () => {
      const value = await run(onDisk(transaction.objectStore(name)));
      await end;
      return value;
    };
    let [timer, late]: any[] = [];
    try {
      const hung = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject((late = new DOMException('the database does not answer', 'TimeoutError'))), DEADLINE);
      });
      return await Promise.race([work(), hung]);
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // It has ended.
        tries = 0;
      }
      // Firefox leaves one without an answer that began just when the site's data were cleared: a worker that waited on would
      // hold its lock, and every page behind it, until the browser stops it a minute later.
      if (!tries || error !== late) throw error;
      ready?.close();
      ready = undefined;
    } finally {
      clearTimeout(timer);
    }
  }
  return run(inMemory);
}
