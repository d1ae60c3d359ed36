// The WASM of a whole worker starts ahead of the event that the worker was woken for. While the browser hears that it runs,
// and sends the event, it would idle: in Chromium about as long as that start takes.

import { isMain } from './main';
import { rust } from './wasm';

/**
 * Starts the WASM once the browser knows that the worker runs. An addition to another worker waits for its first event: that
 * worker may have been woken for a `fetch`, which pays nothing.
 */
export function startAhead(): void {
  const start = () => {
    try {
      if (isMain()) rust(() => {});
    } catch {
      // The first event that needs it hears of it.
    }
  };
  // The second timer: the first one comes before the browser is told.
  setTimeout(() => setTimeout(start));
}
