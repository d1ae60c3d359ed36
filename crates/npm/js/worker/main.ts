// Whether this script is the whole worker, and what a whole worker does besides.

declare const self: ServiceWorkerGlobalScope;

/** Whether this is the worker's own script. Where a stack names no script, it is taken for an addition. */
export function isMain(): boolean {
  // The first frame is ours. A restarted Firefox names imported scripts as they were written, without the origin.
  const script = /[@( ]([^@( \n]+):\d+:\d+/.exec(new Error().stack ?? '')?.[1];
  return script !== undefined && new URL(script, self.location.href).href === self.location.href;
}

/** A worker that only handles pushes has nothing to lose by being replaced at once. */
export function takeOver(): void {
  self.addEventListener('install', () => void self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
}
