// The same in plain JavaScript, for a worker whose WASM is blocked or has failed: less, but never silent.

import type { Job } from './jobs';
import type { WorkerOptions } from './options';
import { KEY, deliver, windows } from './pages';

declare const self: ServiceWorkerGlobalScope;

/** Whether every push is ours; if the app does not say, as in a worker that is nothing else. */
export const acceptsAll = ({ accepts, isMain }: WorkerOptions & { isMain?: () => boolean }) => (accepts ? accepts === 'all' : isMain?.());

/** Shows the plainest notification that still says what the message says, if it is ours. */
export async function plainPush(payload: any, options: WorkerOptions, job: Job): Promise<void> {
  const { accepts } = options;
  let ours: unknown = payload?.web_push === 8030 || acceptsAll(options);
  try {
    if (typeof accepts === 'function') ours = accepts(payload);
  } catch {
    // As if it were not there.
  }
  if (!ours) return;
  const json = typeof payload === 'object' ? payload : { body: payload };
  const { title, body, navigate, data } = json?.notification ?? json ?? {};
  await job.show(typeof title === 'string' ? title : (options.title ?? self.location.host), {
    body: typeof body === 'string' ? body : '',
    data: { [KEY]: { navigate, data } },
  });
}

/** Focuses the window on the target, or opens it; nothing outside this origin. */
export async function plainClick({ notification, action }: NotificationEvent): Promise<void> {
  const own = notification.data?.[KEY];
  const { scope } = self.registration;
  let url = scope;
  try {
    const target = new URL(own.actions?.[action] ?? own.navigate, scope);
    if (target.origin === self.location.origin) url = target.href;
  } catch {
    // No URL: the app's start.
  }
  const open = (await windows()).find((client) => client.url === url);
  const window = await (open ? open.focus() : self.clients.openWindow(url));
  const { title, body, tag } = notification;
  await deliver({ title, body, tag, data: own.data, action: action ?? '', url } as any, window);
}
