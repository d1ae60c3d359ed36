// The object store `kv` of the database `tidings`: one record by key. ../worker/store.ts is the worker's.

import { open, result } from '../outbox/open';

/** How long one call may take, in milliseconds. iOS is known to leave requests unanswered. */
const DEADLINE = 3000;

/** The open database. It stays open: to open it takes longer than all that is done with it. */
let connection: Promise<IDBDatabase> | undefined;

const forget = () => {
  connection?.then((database) => database.close(), () => {});
  connection = undefined;
};

/** Opens the database, unless it is open. Worth calling as soon as it is clear that it will be needed. */
export function connect(): Promise<IDBDatabase> {
  if (!connection) {
    connection = (async () => open())();
    // Somebody deletes it, or wants a newer version; or the browser has had enough of it.
    connection.then((database) => (database.onversionchange = database.onclose = forget), forget);
    // Some browsers keep no page for the way back that has one open.
    addEventListener('pagehide', forget);
  }
  return connection;
}

async function begin(mode: IDBTransactionMode): Promise<IDBTransaction> {
  try {
    return (await connect()).transaction('kv', mode);
  } catch {
    // The browser may have closed it without a word.
    forget();
    return (await connect()).transaction('kv', mode);
  }
}

const within = <T>(work: Promise<T>) => {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => (forget(), reject()), DEADLINE)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

/** The value under `key`, `undefined` if there is none. */
export const get = (key: string): Promise<unknown> =>
  within(begin('readonly').then((transaction) => result(transaction.objectStore('kv').get(key))));

/** Stores a copy of `value`; `undefined` deletes. */
export const put = (key: string, value: unknown) =>
  within(begin('readwrite').then((transaction) => new Promise<unknown>((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = reject;
    const store = transaction.objectStore('kv');
    value === undefined ? store.delete(key) : store.put(value, key);
    // Without waiting for the request's own event; and so it is written even if this page ends now.
    transaction.commit?.();
  })));
