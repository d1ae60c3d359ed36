// The `pushsubscriptionchange` event: the browser has ended the subscription, or made another. No page need be open.

import { tell } from './pages';
import { get, put } from './store';

declare const self: ServiceWorkerGlobalScope;

/** Subscribes again if the browser has not, tells the server with the old endpoint, and tells the open pages. */
export async function changed(event: Event & { oldSubscription?: PushSubscription; newSubscription?: PushSubscription }): Promise<void> {
  const { scope, pushManager } = self.registration;
  // ../page/record.ts describes the record.
  const record: any = await get(scope).catch(() => undefined);
  // Nobody has subscribed by this toolkit, or the user has said no: not ours to renew.
  if (!record || record.wanted === false) return;
  const old = event.oldSubscription;
  const applicationServerKey = record.key ?? old?.options.applicationServerKey;
  const subscription = event.newSubscription ?? (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));

  const before: any = old?.toJSON() ?? record.saved;
  if (before?.keys?.auth) record.replaces = { endpoint: before.endpoint, auth: before.keys.auth };
  // Written down before the network: what the server cannot be told now, the next load of a page tells it.
  await put(scope, record).catch(() => {});
  const { server, headers, credentials, device, label, tags, user, replaces } = record;
  if (server && !record.custom) {
    const body = { ...subscription.toJSON(), device, label, tags, user };
    const response = await fetch(`${server}/subscriptions`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'application/json' },
      credentials,
      body: JSON.stringify({ ...body, replaces }),
    });
    if (response.ok) {
      const { id } = await response.json();
      const { replaces, attempts, next, ...rest } = record;
      await put(scope, { ...rest, saved: { ...body, id, at: Date.now() } });
    }
  }
  await tell('change', {});
}
