// The app's pages: found, told, and given their clicks, also those that are only just opening.

import { get, put } from './store';

declare const self: ServiceWorkerGlobalScope;

/** The member of `notification.data` and of messages that is ours; crates/client/src/lib.rs has the same. */
export const KEY = 'tidings';

/** How long a click waits for its page, in milliseconds; then nobody wants it any more. */
const LIFETIME = 300_000;

/**
 * How long a click for a page that was closed at that moment is for the next page at its URL, in milliseconds. The closed
 * page may have had it without being able to say so: better twice in this case than never, but not much later.
 */
const ORPHANED = 3000;

/** The open windows, the last used first; also those that this worker does not control yet. */
export const windows = () => self.clients.matchAll({ type: 'window', includeUncontrolled: true });

/** Posts to every open page. */
export async function tell(kind: string, message: object): Promise<void> {
  for (const client of await windows()) client.postMessage({ ...message, [KEY]: kind });
}

/** A click on its way to a page. */
interface Pending {
  /** The page's client id; empty if the browser does not say which it is. */
  client: string;
  at: number;
  message: { click: number; url: string };
}

/** The clicks on their way: from memory, or once in a worker's life from the store. */
let pending: Promise<Pending[]> | undefined;
const key = () => `clicks ${self.registration.scope}`;

const list = () =>
  (pending ??= get(key()).then(
    (stored) => ((stored as Pending[]) ?? []).filter(({ at }) => at > Date.now() - LIFETIME),
    () => [],
  ));

let saving: Promise<unknown> = Promise.resolve();

/**
 * Changes the list and stores it. Without a store it lives as long as the worker. Each change starts from the one before,
 * also while that is still on its way: an answer may come before the click is stored.
 */
function change(update: (all: Pending[]) => Pending[]): Promise<unknown> {
  const changed = (pending = list().then(update));
  return (saving = Promise.all([changed, saving])
    .then(([all]) => put(key(), all.length ? all : undefined))
    .catch(() => {}));
}

/** Gives a click to the page in `window`, now and, if it does not answer, when it says that it is ready. */
export async function deliver(message: { url: string }, window: Client | null | void): Promise<void> {
  // The browser does not always say which window it has opened: then it is the last used one at the target.
  const client = window ?? (await windows()).find(({ url }) => url === message.url);
  const at = Date.now();
  const posted = { ...message, [KEY]: 'click', click: at + Math.random() };
  client?.postMessage(posted);
  await change((all) => [...all, { client: client?.id ?? '', at, message: posted }]);
}

/** Answers a page: it is ready for its clicks, it has got one, or it wants notifications closed. */
export async function answer({ data, source }: ExtendableMessageEvent): Promise<void> {
  if (data[KEY] === 'ack') await change((all) => all.filter(({ message }) => message.click !== data.click));
  if (data[KEY] === 'retract') await retract(data.what);
  if (data[KEY] === 'ready' && source && 'id' in source) {
    for (const { client, at, message } of await list()) {
      const orphaned = async () => source.url === message.url && at > Date.now() - ORPHANED && !(await self.clients.get(client));
      if (!client || client === source.id || (await orphaned())) source.postMessage(message);
    }
  }
}

/** Closes the shown notifications that have one of these tags or ids, but for `kept`: what was just shown stays. */
export async function retract(what: unknown, kept: unknown[] = []): Promise<void> {
  if (!Array.isArray(what)) return;
  for (const notification of await self.registration.getNotifications()) {
    const names = [notification.tag, notification.data?.[KEY]?.data?.[KEY]?.id];
    if (names.some((name) => name && what.includes(name) && !kept.includes(name))) notification.close();
  }
}
