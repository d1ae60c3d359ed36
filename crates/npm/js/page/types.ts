// What goes in and out of the page entry.

import type { Obstacle, PushErrorCode } from './error.js';

/** A `TrustedScriptURL`, where the app's types know of it (`@types/trusted-types`): those of TypeScript do not yet. */
export type ScriptURL = typeof globalThis extends { window: { TrustedScriptURL: { prototype: infer Made } } } ? Made : never;

/** Where the worker, the server and the key are. */
export interface Options {
  /** The URL of the service worker's script; under Trusted Types a `TrustedScriptURL`. Default: `/worker.js`. */
  worker?: string | URL | ScriptURL;
  /** The scope to register it for. Default: the folder of the script. */
  scope?: string;
  /**
   * The base URL of the application server's API. Default: `/api/v1`. `null`: no server is told of anything, and
   * `applicationServerKey` must be given.
   */
  server?: string | null;
  /** The public key of the application server (VAPID), base64url without padding. Default: the server is asked. */
  applicationServerKey?: string;
  /** More headers for each request to the server. They are kept in the browser, for the worker. */
  headers?: Record<string, string>;
  /** `credentials` of each request to the server, as `fetch` takes it. Default: cookies go to the same origin. */
  credentials?: RequestCredentials;
  /** Tags of this device, for the server. */
  tags?: readonly string[];
  /** Called in place of the request that tells the server. As long as it rejects, it is called again later. */
  upload?: (change: Upload | Removal, method: 'PUT' | 'DELETE') => Promise<unknown>;
  /** After how many milliseconds the server is told again what it knows. Default: seven days. */
  interval?: number;
  /** `false`: nothing is done on load; call {@link Push.refresh} yourself. Default: `true`. */
  auto?: boolean;
}

/** What the server is to know: the subscription's `toJSON()`, and whose it is. */
export interface Upload extends PushSubscriptionJSON {
  /** The subscription that has ended, and that this one replaces; `auth` proves that it was this browser's. */
  replaces?: { endpoint: string; auth: string };
  /** A random id that stays: the server keeps one subscription for a device. */
  device: string;
  /** Browser and platform, for people. */
  label: string;
  tags?: readonly string[];
  /** The user that this device belongs to; `null`: to nobody any more. */
  user?: string | null;
}

/** What the server is to forget. */
export interface Removal {
  endpoint: string;
}

/** What this browser can do, found out without asking anybody. */
export type Environment = Features & ({ readonly supported: true } | { readonly supported: false; readonly obstacle: Obstacle });

/** What this browser has; part of {@link Environment}. */
export interface Features {
  /** Whether the browser asks for permission only after a click or a key. */
  readonly needsGesture: boolean;
  /** How many buttons a notification may have. */
  readonly maxActions: number;
  /** Whether the app's icon can carry a badge. */
  readonly badge: boolean;
  /** Whether there is Background Sync. */
  readonly sync: boolean;
  /** Whether there is Periodic Background Sync. */
  readonly periodicSync: boolean;
  /** Whether the browser shows declarative messages by itself. */
  readonly declarative: boolean;
  /** Whether notifications can carry the URL that they open. */
  readonly navigate: boolean;
}

/** Permission, subscription and worker in one: the same object as long as nothing changes. */
export interface State {
  readonly permission: NotificationPermission;
  /** `stale`: made with another key than the server has now. `expiring`: ends within a day. `unknown`: nobody has looked yet. */
  readonly subscription: 'unknown' | 'none' | 'unsaved' | 'saved' | 'stale' | 'expiring';
  readonly worker: 'none' | 'waiting' | 'active';
  /** Why not: what hinders push here, or what went wrong last. */
  readonly reason?: PushErrorCode;
  /** The step that failed; the next load goes on with it. */
  readonly step?: 'find' | 'register' | 'activate' | 'look' | 'end' | 'subscribe' | 'ask' | 'upload' | 'delete';
  /** Whether what is known survives this page; not where storage is blocked. */
  readonly persisted: boolean;
  /** The user that this device belongs to. */
  readonly user?: string | null;
}

/** A click on a notification that was delivered to this page. */
export interface Click {
  /** The URL that the notification pointed to. */
  readonly url: string;
  /** The id of the button that was pressed; empty for the notification itself. */
  readonly action: string;
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  /** The app's own `data`, as its sender wrote it. */
  readonly data?: unknown;
}

/** A notification that the person dismissed. */
export interface Closed {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  /** The app's own `data`, as its sender wrote it. */
  readonly data?: unknown;
}

/** A message for a page that the person is looking at: an offer, with the worker's option `foreground`. */
export interface Offer extends Omit<Shown, 'received' | 'shown'> {
  readonly navigate: string;
  readonly options: NotificationOptions;
  /** Takes the message over: no notification is shown. Call it before the listener returns. */
  preventDefault(): void;
}

/** A push that has been shown. */
export interface Shown {
  readonly title: string;
  readonly body?: string;
  readonly tag?: string;
  /** The app's own `data`, as its sender wrote it. */
  readonly data?: unknown;
  /** When the worker received the push, in milliseconds since 1970. */
  readonly received: number;
  /** When the notification had been shown, in milliseconds since 1970. */
  readonly shown: number;
}

/** What {@link Push.on} tells of. */
export interface Events {
  /** A click on a notification that was delivered to this page. */
  click: Click;
  /** A push that was shown while this page was open. */
  shown: Shown;
  /** A notification that was dismissed. */
  close: Closed;
  /** A message that this page may take over. */
  message: Offer;
  /** The worker made a new subscription: the browser had ended the old one. The state follows by itself. */
  change: object;
}

/** Web push for this page; see {@link createPush}. */
export interface Push {
  /**
   * Asks for permission, registers the worker, subscribes, and tells the server. Call it from a click: the prompt is the
   * first thing that happens. It may be called again at any time. If the permission is refused, and the person allows
   * notifications in the browser's settings while this page is open, it is subscribed then, without another call.
   * @throws {PushError} If the server could not be told, the subscription exists, and the server is told later.
   */
  subscribe(): Promise<PushSubscription>;
  /** The subscription of this browser, if there is one. Asks and registers nothing. */
  subscription(): Promise<PushSubscription | null>;
  /**
   * Ends the subscription, on the server and in the browser; `false` if there was none.
   * @throws {PushError} if the server could not be told; the subscription is ended all the same, and it is told later.
   */
  unsubscribe(): Promise<boolean>;
  /**
   * Has in order what was subscribed before: the right key, the server's knowledge, a subscription that got lost. Runs by
   * itself on every load. Asks nobody, and never fails: what did not work is in the state.
   */
  refresh(): Promise<State>;
  /**
   * Says to whom this device belongs from now on. The server checks that the caller may say so.
   * @throws {PushError} `user-refused`: nothing has changed. `server-unavailable`: the server is told later.
   */
  identify(user: string): Promise<void>;
  /**
   * Says that this device belongs to nobody any more; other devices of the user stay theirs. Call it on logout.
   * @throws {PushError} if the server could not be told; it is told later.
   */
  forget(): Promise<void>;
  /** Sets the tags of this device. @throws {PushError} if the server could not be told; it is told later. */
  setTags(tags: readonly string[]): Promise<void>;
  /** The state: the same object until it changes. */
  getState(): State;
  /**
   * Calls back whenever the state has changed; returns the function that ends it.
   * @example
   * const state = useSyncExternalStore(push.subscribeState, push.getState, push.getState); // React
   */
  subscribeState(listener: () => void): () => void;
  /**
   * Calls back for each event; returns the function that ends it.
   * @throws {PushError} if there can be no worker
   */
  on<Type extends keyof Events>(type: Type, listener: (event: Events[Type]) => void): () => void;
  /** The notifications that are shown, those with this tag if one is given. */
  notifications(tag?: string): Promise<Notification[]>;
  /** Closes the notifications that are shown, those with this tag if one is given; how many there were. */
  closeNotifications(tag?: string): Promise<number>;
  /** Sets the badge of the app's icon: 0 clears it, without a number it is a dot. Nothing happens where there is none. */
  setBadge(count?: number): Promise<void>;
  /**
   * When your own question, the one before the browser's, may be shown again, in milliseconds since 1970; 0 at first.
   * `dismissed`: it has just been dismissed. Three days go by then, after the second time seven, then thirty.
   */
  priming(dismissed?: boolean): Promise<number>;
}
