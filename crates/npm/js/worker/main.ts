// Whether this script is the whole worker, and what a whole worker does besides.

declare const self: ServiceWorkerGlobalScope;

let main: boolean | undefined;

/**
 * Whether this is the worker's own script. Where a stack names no script, it is taken for an addition. Asked when it
 * matters, since a stack costs a cold worker a sixth of a millisecond.
 */
export function isMain(): boolean {
  if (main === undefined) {
    // The first frame is ours. A restarted Firefox names imported scripts as they were written, without the origin.
    const script = /[@( ]([^@( \n]+):\d+:\d+/.exec(new Error().stack ?? '')?.[1];
    main = script !== undefined && new URL(script, self.location.href).href === self.location.href;
  }
  return main;
}

/** A whole worker, that only handles pushes, has nothing to lose by being replaced at once. */
export function takeOver(): void {
  self.addEventListener('install', () => void (isMain() && self.skipWaiting()));
  self.addEventListener('activate', (event) => isMain() && event.waitUntil(self.clients.claim()));
}
