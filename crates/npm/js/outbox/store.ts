// Where the entries are: in IndexedDB, or in memory as long as that cannot be opened. Never hangs.

import type { OutboxEntry } from './entry';
import { open } from './open';

/** How long the database may take to open, in milliseconds. */
const PATIENCE = 4000;
/** When it is tried again after that, in milliseconds. */
const PAUSE = 20_000;

/** One transaction's view. */
export interface Store {
  get(key: string): Promise<any>;
  put(key: string, value: unknown): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  /** The first so many entries between two keys, without those. */
  list(from: string, to: string, count: number): Promise<OutboxEntry[]>;
}

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
  const meta = memory.get('meta');
  if (!memory.delete(`p${entry.id}`)) return;
  meta.pending -= 1;
  if (entry.reason) {
    meta.failed += 1;
    memory.set(`f${entry.id}`, entry);
  } else meta.bytes -= entry.size;
}

const result = (request: IDBRequest) =>
  new Promise<any>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const onDisk = (store: IDBObjectStore): Store => ({
  get: (key) => result(store.get(key)),
  put: (key, value) => result(store.put(value, key)),
  delete: (key) => result(store.delete(key)),
  list: (from, to, count) => result(store.getAll(IDBKeyRange.bound(from, to, true, true), count)),
});

let opening: Promise<IDBDatabase> | undefined;
let ready: IDBDatabase | undefined;
let again = 0;

/** The open database; `undefined`: memory must do for now. */
async function database(): Promise<IDBDatabase | undefined> {
  if (ready) return ready;
  if (Date.now() < again) return undefined;
  const attempt = (opening ??= (async () => open())());
  const db = await Promise.race([attempt, new Promise<void>((resolve) => setTimeout(resolve, PATIENCE))]).catch(() => {
    opening = undefined;
  });
  if (!db) {
    again = Date.now() + PAUSE;
    return undefined;
  }
  // A newer version of the database is wanted, or the browser has had enough of this one.
  db.onversionchange = db.onclose = () => {
    db.close();
    opening = ready = undefined;
  };
  return (ready = db);
}

/** Whether entries outlive this page or worker. */
export const storage = (): 'disk' | 'memory' => (ready ? 'disk' : 'memory');

/** Runs `run` in one transaction, all or nothing; `strict`: on disk when this resolves, whatever happens then. */
export async function transact<T>(mode: IDBTransactionMode, run: (store: Store) => Promise<T>, durability?: 'strict'): Promise<T> {
  let transaction: IDBTransaction | undefined;
  for (let tries = 2; tries && !transaction; tries--) {
    try {
      transaction = (await database())?.transaction('outbox', mode, { durability } as any);
    } catch {
      // The browser has closed it without a word.
      opening = ready = undefined;
    }
  }
  if (!transaction) return run(inMemory);
  const end = new Promise((resolve, reject) => {
    transaction!.oncomplete = resolve;
    transaction!.onabort = () => reject(transaction!.error);
  });
  end.catch(() => {});
  try {
    const value = await run(onDisk(transaction.objectStore('outbox')));
    await end;
    return value;
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // It has ended.
    }
    throw error;
  }
}
