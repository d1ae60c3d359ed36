// What the examples in the documentation take for granted in a service worker: the scope that TypeScript's lib types only
// as that of any worker, the options of `worker.js`, and the app's own names.

declare var TIDINGS: import('tidings/worker').WorkerOptions;
declare var registration: ServiceWorkerRegistration;
declare var clients: Clients;
declare function skipWaiting(): Promise<void>;
interface WorkerGlobalScopeEventMap {
  push: PushEvent;
  notificationclick: NotificationEvent;
  fetch: FetchEvent;
}

/** What Serwist's build puts in. */
declare var __SW_MANIFEST: (string | object)[];
declare module 'serwist';

declare function translate(data: unknown): Promise<string>;
