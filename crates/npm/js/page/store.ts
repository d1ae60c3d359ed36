// The object store `kv` of the database `tidings`: one record by key. ../worker/store.ts is the worker's.

import { open } from '../outbox/open';

/** How long one call may take, in milliseconds. iOS is known to leave requests unanswered. */
const DEADLINE = 3000;

async function run(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const database = await open();
  const transaction = database.transaction('kv', mode);
  const request = use(transaction.objectStore('kv'));
  // Waits for what is under way.
  database.close();
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = reject;
  });
  return request.result;
}

const within = <T>(work: Promise<T>) =>
  Promise.race([work, new Promise<never>((_, reject) => setTimeout(reject, DEADLINE))]);

/** The value under `key`, `undefined` if there is none. */
export const get = (key: string) => within(run('readonly', (store) => store.get(key)));

/** Stores a copy of `value`; `undefined` deletes. */
export const put = (key: string, value: unknown) =>
  within(run('readwrite', (store) => (value === undefined ? store.delete(key) : store.put(value, key))));
