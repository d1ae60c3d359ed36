// Functions to run in the page, by `page.evaluate(subscription)` or `driver.executeScript(subscription)`. They may use
// nothing from outside.

import type { Subscription } from './send';

declare const navigator: any;

/** Runs in the page: the subscription of its service worker; null if there is none. */
export async function subscription(): Promise<Subscription | null> {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription())?.toJSON() ?? null;
}

/** Runs in the page: what the browser says is shown. */
export async function notifications(): Promise<{ title: string; body: string; tag: string; data: unknown }[]> {
  const registration = await navigator.serviceWorker.getRegistration();
  const list = (await registration?.getNotifications()) ?? [];
  return list.map(({ title, body, tag, data }: any) => ({ title, body, tag, data }));
}
