// What only pages do with entries: look at them, try them once more, throw them away.

import type { OutboxEntry } from './entry';
import { announce, change, list } from './queue';
import { put, take } from './store';

/** How many entries are looked at in one go. */
const BATCH = 64;

/** One of the two lists, or a part of it. */
export async function entries(which: 'pending' | 'failed', { after = '', count = 100 }: { after?: string; count?: number } = {}): Promise<OutboxEntry[]> {
  const prefix = which === 'failed' ? 'f' : 'p';
  return list(prefix + after, next(prefix), count);
}

/** Lets entries be tried at once: the one with this id, or all that were set aside. */
export const retry = (id?: string) =>
  edit(id, (entry) => {
    const { next, tried, hold, reason, response, ...rest } = entry;
    const now = Date.now();
    return { ...rest, attempts: 0, expires: reason === 'expired' ? now + (entry.expires - entry.at) : entry.expires };
  });

/** Throws entries away: the one with this id, or all that were set aside. Returns how many there were. */
export const discard = (id?: string) => edit(id, () => undefined);

const next = (prefix: string) => String.fromCharCode(prefix.charCodeAt(0) + 1);

async function edit(id: string | undefined, update: (entry: OutboxEntry) => OutboxEntry | undefined): Promise<number> {
  let edited = 0;
  for (;;) {
    let more = 0;
    const meta = await change(async (meta, store) => {
      const found = id === undefined
        ? await store.list('f', 'g', BATCH)
        : [await store.get(`f${id}`), await store.get(`p${id}`)].filter(Boolean);
      for (const entry of found) {
        const becomes = update(entry);
        await take(store, meta, entry);
        if (becomes) await put(store, meta, becomes);
      }
      more = found.length;
    });
    edited += more;
    if (id !== undefined || more < BATCH) {
      announce('moved', meta);
      return edited;
    }
  }
}
