// The page's record, and the clicks on their way: the object store `kv`, reached as the outbox reaches its own. The page has
// ../page/store.ts, which is smaller.

import { transact } from '../outbox/store';

/** The value under `key`, `undefined` if there is none. */
export const get = (key: string) => transact<unknown>('readonly', (store) => store.get(key), 'kv');

/** Stores a copy of `value`; `undefined` deletes. */
export const put = (key: string, value: unknown) =>
  transact<unknown>('readwrite', (store) => (value === undefined ? store.delete(key) : store.put(key, value)), 'kv');
