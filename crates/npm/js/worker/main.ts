// Whether this script is the whole worker, and what a whole worker does besides.

declare const self: ServiceWorkerGlobalScope;

let main: boolean | undefined;

/**
 * Whether this is the worker's own script. Where a stack names no script, it is taken for an addition. Asked when it matters,
 * since a stack costs a cold worker time; never in the evaluation.
 */
export function isMain(): boolean {
  // The first line, which in V8 says that this is an error, or the second one names our script; those below may name the one
  // that imports it. A restarted Firefox names imported scripts as they were written, without the origin.
  return (main ??= Boolean(new Error().stack?.split('\n', 2).join().includes(`${self.location.href}:`)));
}

/** A whole worker, that only handles pushes, has nothing to lose by being replaced at once. */
export function takeOver(): void {
  self.addEventListener('install', () => void (isMain() && self.skipWaiting()));
  self.addEventListener('activate', (event) => isMain() && event.waitUntil(self.clients.claim()));
}
