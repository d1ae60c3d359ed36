// The `notificationclick` and `notificationclose` events: the right window, the right page, exactly once.
// Nothing is fetched or stored before the window call: Firefox allows it one second.

import { nudge } from '../outbox/worker';
import { after, post, receipt } from './effects';
import type { WorkerClick, WorkerOptions } from './options';
import { KEY, deliver, tell, windows } from './pages';
import { plainClick } from './plain';
import { log, report } from './push';
import { type ClickPlan, rust } from './wasm';

declare const self: ServiceWorkerGlobalScope;

/** How long the app's hook may hold the click, in milliseconds. */
const HOOK = 500;
/** How long a close waits for the click that may have caused it (Firefox), in milliseconds. */
const CLICKED = 250;

/** The notifications that were clicked, by the part of their data that is ours. */
const clicked = new Set<string>();
const keyOf = ({ data, tag, timestamp }: any) => JSON.stringify([data?.[KEY], tag, timestamp]);

const decide = (data: unknown, action: string, { origins }: WorkerOptions): ClickPlan | undefined =>
  rust(({ click }) => click(data, action, self.registration.scope, origins));

/** What the pages and the hooks get to know of a notification. */
const about = ({ title, body, tag }: Notification, { data }: { data?: unknown }) => ({ title, body, tag, data });

export async function clickedOn(event: NotificationEvent, options: WorkerOptions): Promise<void> {
  const { notification, action = '', reply } = event as NotificationEvent & { reply?: string };
  notification.close();
  clicked.add(keyOf(notification));
  let plan: ClickPlan | undefined;
  try {
    plan = decide(notification.data, action, options);
  } catch (error) {
    report(options, error, 'notificationclick');
    return plainClick(event);
  }
  if (!plan) return;
  const click: WorkerClick = { ...about(notification, plan), action, url: plan.url, ...(typeof reply === 'string' && { reply }) };
  const at = Date.now();
  try {
    await follow(click, plan, event, options);
  } finally {
    // Not before the window call: it opens a database.
    await receipt(options, 'clicked', plan, at).catch(() => {});
    nudge();
  }
}

/** Asks the hook where the click goes, and goes there. */
async function follow(click: WorkerClick, plan: ClickPlan, event: NotificationEvent, options: WorkerOptions): Promise<void> {
  const answer = options.onClick && (await ask(click, event, options));
  if (answer === false) return log(options, 'handled', plan.url);
  const other = typeof answer === 'string' && decide({ [KEY]: { navigate: answer } }, '', options);
  const target = other ? other.url : plan.url;
  await go({ ...click, url: target }, plan, options);
}

async function ask(click: WorkerClick, event: NotificationEvent, options: WorkerOptions): Promise<string | false | void> {
  try {
    return await Promise.race([options.onClick?.(click, event), after(HOOK)]);
  } catch (error) {
    report(options, error, 'onClick');
  }
}

/** The one window call of this click, and the delivery to the page in it. */
async function go(click: WorkerClick, { policy, all }: ClickPlan, options: WorkerOptions): Promise<void> {
  if (policy === 'request') return post(click.url, click, { queue: 'clicks', priority: 'high' });
  const { scope } = self.registration;
  const open = await windows().catch(() => []);
  const choice = rust(({ choose }) => choose(policy, click.url, scope, open.map(({ url }) => url)));
  if (all) for (const page of open) page.postMessage({ ...click, [KEY]: 'click' });
  // Without a choice, NaN or undefined, there is none, and it is not below zero.
  const navigates = choice < 0;
  const page = open[navigates ? -1 - choice : choice];
  log(options, page ? (navigates ? 'navigate' : 'focus') : 'open', click.url);
  let window: WindowClient | null | void = undefined;
  try {
    // Some browsers resolve with nothing.
    window = page && ((await page.focus()) ?? page);
    // A window that this worker does not control cannot be made to go: its page gets the click, and can.
    if (page && navigates) window = (await page.navigate(click.url).catch(() => page)) ?? page;
  } catch {
    // It was closed just now.
  }
  const opened = window === undefined;
  // A page that was closed just now may have used up the one window call: its click waits for the next page.
  if (opened) window = await self.clients.openWindow(click.url).catch((error) => void report(options, error, 'openWindow'));
  // With `all`, the pages that were open have it already.
  if (!all || opened) await deliver(click, window);
}

/** A notification was dismissed: the app's hook, the open pages and the receipts hear of it. */
export async function closed(event: NotificationEvent, options: WorkerOptions): Promise<void> {
  const { notification } = event;
  // Some browsers fire both events for a click, in either order.
  await after(CLICKED);
  if (clicked.delete(keyOf(notification))) return;
  const plan = decide(notification.data, '', options);
  if (!plan) return;
  const message = about(notification, plan);
  try {
    options.onClose?.(message, event);
  } catch (error) {
    report(options, error, 'onClose');
  }
  await Promise.allSettled([tell('close', message), receipt(options, 'closed', plan)]);
}
