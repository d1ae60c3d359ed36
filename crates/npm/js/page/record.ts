// What is remembered of a scope, and what the server is to know.
//
// The record lies in the database `tidings` (see ./store.ts) under the scope of the registration, an absolute URL.
// Page and worker write it. It is a plain object; a member that is missing means: not known, none.

import type { OutboxEntry, StoredRequest } from '../outbox/entry.js';
import type { Options, Removal, Upload } from './types.js';

export interface Record {
  /**
   * The request that tells the server of a subscription, but for its body; also that of its end, but for the method. Missing:
   * no server is told, or the app tells it by a function of its own, which the worker cannot call.
   */
  request?: StoredRequest;
  /** The `applicationServerKey` in use, base64url without padding. */
  key?: string;
  /** Whether this browser is to be subscribed; missing: nobody has said. */
  wanted?: boolean;
  /** A random id that stays. */
  device?: string;
  /** Browser and platform, for people. */
  label?: string;
  tags?: readonly string[];
  /** The user that this device belongs to; null: to nobody any more. */
  user?: string | null;
  /**
   * What the server confirmed last, the body of the upload without `replaces`, and how it calls the subscription, and when.
   * As long as this is not what it should be, the next load of a page uploads: so an upload cannot be lost.
   */
  saved?: Upload & { id?: string; at: number };
  /** A subscription that has ended and that the server may still know. */
  replaces?: { endpoint: string; auth: string };
  /** The endpoint that the server is still to be told has ended. */
  removing?: string;
  /**
   * What the server is to be told, from before the first attempt until it is confirmed: an entry of the outbox, so that the
   * worker can send it by the outbox's rules when no page does (../worker/upload.ts). Without `request` only a page can,
   * for the app uploads by itself, or there is more to be done first.
   */
  pending?: Pick<OutboxEntry, 'attempts' | 'next' | 'tried' | 'hold' | 'request'>;
  /** What was pending and is told, by the worker; the next page takes it in. */
  told?: { request: StoredRequest; body: string } | false;
  /** How often the app's own question was dismissed, and until when it is not to be shown again. */
  dismissed?: number;
  until?: number;
}

/** A subscription that ends sooner than this, in milliseconds, is replaced. */
export const EXPIRING = 24 * 3600_000;
/** How long the server is not told again what it knows, unless the app says so. */
const INTERVAL = 7 * 24 * 3600_000;

/** The key of the record: the scope as `register` resolves it. */
export const scopeOf = ({ worker, scope }: Options) =>
  scope === undefined ? new URL('./', new URL(String(worker), location.href)).href : new URL(scope, location.href).href;

/** Takes over what the app says now: it may have changed since the record was written. */
export function configure(record: Record, options: Options, label: string): void {
  const { server, headers, credentials, tags, upload, applicationServerKey } = options;
  const url = server == null || upload ? undefined : new URL(`${server}/subscriptions`, location.href).href;
  // A server that was never told.
  if (url !== record.request?.url) record.saved = undefined;
  const all = Object.entries({ ...headers, 'content-type': 'application/json' });
  Object.assign(record, { label, request: url && { url, method: 'PUT', headers: all, credentials } });
  if (tags) record.tags = tags;
  if (applicationServerKey) record.key = applicationServerKey;
  record.device ??= crypto.randomUUID();
}

/** What the server is to know of the subscription. */
export function bodyOf({ device, label, tags, user }: Record, subscription: PushSubscription): Upload {
  return { ...subscription.toJSON(), device: device!, label: label!, tags, user };
}

/** Whether the server confirmed just that, less than the interval before `now`, and that what it replaces is gone. */
export function isSaved(record: Record, subscription: PushSubscription, now: number, interval = INTERVAL): boolean {
  const { saved, replaces } = record;
  if (!saved || replaces || saved.at + interval < now) return false;
  const { id, at, ...known } = saved;
  return JSON.stringify(known) === JSON.stringify(bodyOf(record, subscription));
}

/** Notes what the server confirmed. */
export function confirm(record: Record, body: Upload, id: string | undefined): void {
  record.saved = { ...body, id, at: Date.now() };
  record.replaces = record.pending = undefined;
}

/** Notes what the server is to be told; how often that was tried in vain stays. */
export function pend(record: Record, method: 'PUT' | 'DELETE', body: Upload | Removal): void {
  const { request, pending } = record;
  record.pending = { attempts: 0, ...pending, request: request && { ...request, method, body: JSON.stringify(body) } };
}

/** What was to be told is not true any more. */
export function withdraw(record: Record): void {
  if (record.pending) record.pending = { ...record.pending, request: undefined };
}

/** Notes the subscription that ends, and that the server may know. */
export function replace(record: Record, subscription: PushSubscription | null): void {
  const { endpoint, keys } = subscription?.toJSON() ?? record.saved!;
  record.replaces = { endpoint: endpoint!, auth: keys!.auth! };
}
