// What happens once the notification is up: never before it, and never to its harm.

import type { EntryOptions } from '../outbox/entry';
import { nudge, outbox } from '../outbox/worker';
import type { WorkerOptions } from './options';
import { retract, tell } from './pages';
import type { Plan } from './wasm';

declare const self: ServiceWorkerGlobalScope;

/** Receipts of a broadcast are spread over this many milliseconds, so that they do not flood the server. */
const JITTER = 5000;

export const after = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** POSTs JSON through the outbox: it gets there, though not now. */
export async function post(url: string, body: unknown, more: EntryOptions): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await outbox.fetch(url, { method: 'POST', headers, body: JSON.stringify(body), ...more });
}

/** Reports what happened to a message to where it, or the app, says; nowhere by default. */
export async function receipt(options: WorkerOptions, type: string, { id, receipts }: { id?: string; receipts?: string }, at = Date.now()): Promise<void> {
  const given: { url?: string; jitter?: number } =
    typeof options.receipts === 'object' ? options.receipts : { url: options.receipts };
  const url = receipts ?? given.url;
  if (!url) return;
  await post(url, { type, id, at }, { queue: 'receipts', priority: 'low', delay: (given.jitter ?? JITTER) * Math.random() });
}

/** Tells the pages, sets the badge, closes what is retracted, fetches what is to be fresh, sends receipts. */
export async function effects(plan: Plan, options: WorkerOptions, received: number): Promise<void> {
  const { payload, badge, refresh, ...message } = plan;
  const shown = Date.now();
  const { body, tag } = plan.options;
  await Promise.allSettled([
    tell('shown', { ...message, body, tag, received, shown }),
    badge === undefined || (navigator as any).setAppBadge?.(badge),
    retract(plan.retract, [plan.id, tag]),
    refresh && caches.open('tidings').then((cache) => Promise.allSettled(refresh.map((url) => cache.add(url)))),
    receipt(options, 'received', plan, received),
    receipt(options, 'shown', plan, shown),
  ]);
  // The worker runs, and a push is a sign of a network: what else waits?
  nudge(1);
}
