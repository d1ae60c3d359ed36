// The shim of the service worker: it registers every listener in the first synchronous evaluation, starts the WASM at
// the first event that needs it, and shows the notification by itself if the WASM cannot. No push is ever silent.

import { click, initSync, push } from '#glue';
import module from '#wasm';

declare const self: ServiceWorkerGlobalScope;

/** The member of `notification.data` that is ours; crates/client/src/lib.rs has the same. */
const KEY = 'tidings';

let state: 'new' | 'started' | 'broken' = 'new';

/** Runs `handle` in Rust. Rejects if the WASM cannot start (CSP, memory) or has trapped: it must not be used again. */
async function rust<E>(handle: (event: E) => Promise<unknown>, event: E): Promise<unknown> {
  if (state === 'new') {
    state = 'broken';
    initSync({ module: module() });
    state = 'started';
  }
  if (state === 'broken') throw state;
  let result: Promise<unknown>;
  try {
    result = handle(event);
  } catch (error) {
    state = 'broken';
    throw error;
  }
  return result;
}

/** The plainest notification that still says what the message says. */
function plainPush(event: PushEvent): Promise<void> {
  let message: any;
  try {
    message = event.data?.json();
  } catch {
    message = { body: event.data?.text() };
  }
  const { title, body, navigate, data } = message?.notification ?? message ?? {};
  return self.registration.showNotification(typeof title === 'string' ? title : self.location.host, {
    body: typeof body === 'string' ? body : '',
    data: { [KEY]: { navigate, data } },
  });
}

/** The same for a click: focus the window on the target, or open it; nothing outside this origin. */
async function plainClick(event: NotificationEvent): Promise<void> {
  const own = event.notification.data?.[KEY];
  if (!own) return;
  event.notification.close();
  const { scope } = self.registration;
  let url = scope;
  try {
    const target = new URL(own.actions?.[event.action] ?? own.navigate, scope);
    if (target.origin === self.location.origin) url = target.href;
  } catch {
    // No URL: the app's start.
  }
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = windows.find((client) => client.url === url);
  await (open ? open.focus() : self.clients.openWindow(url));
}

self.addEventListener('push', (event) => {
  event.waitUntil(rust(push, event).catch(() => plainPush(event)));
});

self.addEventListener('notificationclick', (event) => {
  event.waitUntil(rust(click, event).catch(() => plainClick(event)));
});

// A worker that only handles pushes has nothing to lose by being replaced at once.
self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
