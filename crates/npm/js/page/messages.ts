// What the worker tells the page, and what the page answers.

import { PushError } from './error.js';

/** The member of messages that is ours; crates/client/src/lib.rs has the same. */
export const KEY = 'tidings';

/**
 * Calls back with each message of one kind from the worker: `click`, `close`, `shown`, `change`, or `message`, an offer that
 * the page takes over by returning `true`. Returns the function that ends it.
 *
 * A click is acknowledged, and given to the callback once only, however often the worker sends it.
 */
export function listen(kind: string, callback: (message: any) => unknown): () => void {
  const { serviceWorker } = navigator;
  if (!serviceWorker) throw new PushError('no-service-worker');
  const seen = new Set<unknown>();
  const listener = ({ data, source, ports }: MessageEvent) => {
    if (data?.[KEY] !== kind) return;
    const { [KEY]: _, click, ...message } = data;
    if (click) {
      source?.postMessage({ [KEY]: 'ack', click } as any);
      if (seen.has(click)) return;
      seen.add(click);
    }
    const taken = callback(message) === true;
    ports[0]?.postMessage(taken);
  };
  serviceWorker.addEventListener('message', listener);
  // A page that has just been opened gets the click that has opened it when it says that it listens.
  if (kind === 'click') serviceWorker.ready.then(({ active }) => active?.postMessage({ [KEY]: 'ready' }));
  return () => serviceWorker.removeEventListener('message', listener);
}
