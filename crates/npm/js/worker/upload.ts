// What no page could tell the server, the worker tells, when it runs anyway and by the rules of the outbox.

import { haste, tried } from '../outbox/replay';
import type { Record } from '../page/record';
import { KEY, tell } from './pages';
import { get, put } from './store';
import { rust } from './wasm';

declare const self: ServiceWorkerGlobalScope;

/** Calls `run` with the record while no page and no other event changes it; ../page/hands.ts has the same lock. */
export async function locked<T>(run: (record: Record | undefined) => Promise<T>): Promise<T> {
  const read = async () => run((await get(self.registration.scope).catch(() => {})) as Record | undefined);
  return navigator.locks ? navigator.locks.request(KEY, read) : read();
}

/** Sends what is pending; whether that is still to be done. `eager`: as in `replay`. */
export async function upload(record: Record | undefined, eager: number): Promise<unknown> {
  const pending = record?.pending;
  if (!pending?.request) return;
  if (rust(({ turn }) => turn(pending, undefined, Date.now(), haste(pending, eager)))) return true;
  const [{ body }, change] = await tried(pending as any, {});
  // What is refused is the next page's.
  const left = change?.next && { ...pending, ...change, attempts: pending.attempts + 1, tried: Date.now() };
  await put(self.registration.scope, { ...record, pending: left, told: !change && { ...pending, body } });
  await tell('told', {});
  return left;
}
