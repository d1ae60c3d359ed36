// `dist/worker.js`: the whole worker of an app, or an addition to another by `importScripts`. Options are in
// `self.TIDINGS`, set before this script is loaded.

import { listen } from './worker/listen';
import type { WorkerOptions } from './worker/options';

declare const self: ServiceWorkerGlobalScope & { TIDINGS?: WorkerOptions };

/** Whether this is the worker's own script. Where a stack names no script, it is taken for an addition. */
function isMain(): boolean {
  const script = /https?:\/\/[^\s)]+?(?=:\d+:\d+)/.exec(new Error().stack ?? '')?.[0];
  return script === self.location.href;
}

const main = isMain();
listen({ ...(main && { accepts: 'all' }), ...self.TIDINGS });

if (main) {
  // A worker that only handles pushes has nothing to lose by being replaced at once.
  self.addEventListener('install', () => void self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
}
