// Every listener is registered in the worker's first synchronous evaluation; the WASM starts later: in a whole worker by
// ./ahead.ts, else at the first event that needs it. Events that are not ours are left alone.

import { asked, listenToOutbox } from '../outbox/worker';
import { changed } from './change';
import { clickedOn, closed } from './click';
import { Job, watch } from './jobs';
import type { WorkerOptions } from './options';
import { KEY, answer } from './pages';
import { pushed, report } from './push';

declare const self: ServiceWorkerGlobalScope;

/**
 * Adds Tidings to this service worker. Call it in the worker's first evaluation. It never touches other listeners.
 *
 * @example
 * import { listen } from 'tidings/worker';
 * listen({ title: 'Acme', icon: '/icon-192.png', onPush: (message) => ({ options: { badge: '/badge.png' } }) });
 *
 * @param given the options, or a function that gives them: it is called at each event that needs them, and must not throw
 */
export function listen(given: WorkerOptions | (() => WorkerOptions) = {}): void {
  const options = typeof given === 'function' ? given : () => given;
  watch();
  const handle = <E extends ExtendableEvent>(type: string, ours: (event: E) => unknown, run: (event: E) => Promise<void>) =>
    self.addEventListener(type, (event: any) => {
      if (ours(event)) event.waitUntil(run(event).catch((error) => report(options(), error, type)));
    });
  self.addEventListener('push', (event) => event.waitUntil(pushed(event, options(), new Job())));
  const shownByUs = ({ notification }: NotificationEvent) => notification.data?.[KEY];
  handle('notificationclick', shownByUs, (event) => clickedOn(event, options()));
  handle('notificationclose', shownByUs, (event) => closed(event, options()));
  handle('message', ({ data }: ExtendableMessageEvent) => data?.[KEY], (event) => (event.data[KEY] === 'outbox' ? asked : answer)(event));
  handle('pushsubscriptionchange', () => true, changed);
  listenToOutbox(options);
}
