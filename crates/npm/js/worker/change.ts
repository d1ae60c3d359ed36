// The `pushsubscriptionchange` event: the browser has ended the subscription, or made another. No page need be open.

import { bodyOf } from '../page/record';
import { tell } from './pages';
import { put } from './store';
import { locked, upload } from './upload';

declare const self: ServiceWorkerGlobalScope;

/** Subscribes again if the browser has not, tells the server what that replaces, and tells the open pages. */
export const changed = (event: Event & { newSubscription?: PushSubscription }): Promise<void> =>
  locked(async (record) => {
    const { scope, pushManager } = self.registration;
    // Nobody has subscribed by this toolkit, or the user has said no: not ours to renew.
    if (!record?.key || record.wanted === false) return;
    const { key, request, saved } = record;
    const subscription = event.newSubscription ?? (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
    // What the server knows; `oldSubscription` may be null, or one that it was never told of.
    const replaces = (record.replaces ??= saved && { endpoint: saved.endpoint!, auth: saved.keys!.auth! });
    const body = JSON.stringify({ ...bodyOf(record, subscription), replaces });
    record.pending = request && { attempts: 0, request: { ...request, body } };
    // Written down before the network: what the server cannot be told now, it is told later.
    await put(scope, record).catch(() => {});
    await upload(record, 2);
    await tell('change', {});
  });
