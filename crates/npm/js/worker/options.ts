// What an app may want of its worker. Rust reads it: crates/client/src/worker/config.rs.

/** What a push is, and what is to be shown for it. */
export interface PushMessage {
  /** `declarative`: `web_push: 8030`; `native`: the browser has parsed it and shows it itself (Safari). */
  readonly kind: 'declarative' | 'json' | 'text' | 'binary' | 'empty' | 'native';
  readonly title: string;
  readonly options: NotificationOptions;
  /** The absolute URL that a click opens. */
  readonly navigate: string;
  /** The app's own `data`, as its sender wrote it. */
  readonly data?: unknown;
  /** `data.tidings.id`. */
  readonly id?: string;
  /** Whether `data.tidings.expires` has passed. */
  readonly expired: boolean;
  /** The payload: parsed JSON, or text, or `null`. */
  readonly payload: unknown;
}

/** What a hook may change of the notification; single options are merged. */
export interface PushChange {
  title?: string;
  navigate?: string;
  options?: NotificationOptions;
}

/** A click on one of our notifications. */
export interface WorkerClick {
  /** The URL that will be opened or focused. */
  readonly url: string;
  /** The id of the button; empty for the notification itself. */
  readonly action: string;
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly data?: unknown;
  /** What the person typed, where the platform has inline replies. */
  readonly reply?: string;
}

/** A notification that was dismissed. */
export type WorkerClose = Pick<WorkerClick, 'title' | 'body' | 'tag' | 'data'>;

/** A job of the outbox. */
export interface WorkerJob<T = any> {
  readonly type: string;
  readonly data: T;
  /** The same each time it is tried. */
  readonly id: string;
  /** How often it was tried in vain. */
  readonly attempts: number;
}

type MaybePromise<T> = T | Promise<T>;

/** All optional; see the README for what happens without. */
export interface WorkerOptions {
  /**
   * Which pushes are ours: `'all'`, `'declarative'` (with `web_push: 8030`), or what the function says of the payload.
   * Default: `'all'` for `worker.js` as the whole worker, `'declarative'` where other listeners may be.
   */
  accepts?: 'all' | 'declarative' | ((payload: any) => boolean);
  /** The title of a push that has none. Default: the site's host. */
  title?: string;
  /** The icon of a notification that has none. */
  icon?: string;
  /** The badge of a notification that has none: the small picture in Android's status bar. */
  badge?: string;
  /** Makes a notification, `{title, body, navigate, …}`, of JSON that is not declarative. */
  map?(payload: any): object | undefined;
  /** Before a notification is shown: change it, or show another with `registration.showNotification`. */
  onPush?(message: PushMessage, event: any): MaybePromise<PushChange | void>;
  /** Before a click opens its target: `false` if nothing is left to do, or another URL. It has half a second. */
  onClick?(click: WorkerClick, event: any): MaybePromise<string | false | void>;
  /** A notification was dismissed. */
  onClose?(notification: WorkerClose, event: any): void;
  /**
   * Does a job of the outbox. Done when it returns; a response, returned or thrown, counts by its status; anything else
   * thrown lets it be tried again. It may be called again for a job that it has done.
   */
  onJob?(job: WorkerJob, signal: AbortSignal): MaybePromise<Response | void>;
  /** A `sync` event that is not the outbox's; a rejection makes the browser try again. */
  onSync?(tag: string, event: any): MaybePromise<void>;
  /** A `periodicsync` event that is not the outbox's. */
  onPeriodicSync?(tag: string, event: any): MaybePromise<void>;
  /** A hook has thrown or rejected, or the WASM could not start. `context` names where. */
  onError?(error: unknown, context: string): void;
  /** How long `onPush` may take, in milliseconds, before the notification is shown without it. Default: 5000. */
  deadline?: number;
  /**
   * Offers a message to a page that the person is looking at, which may take it over: `push.on('message')`. A number is
   * the page's time to answer in milliseconds; default 1000. Not on Safari, where every push must be shown.
   */
  foreground?: boolean | number;
  /** Other origins that a click may open. */
  origins?: string[];
  /** Where to report what was received, shown, clicked and closed; `jitter` in milliseconds, default 5000. */
  receipts?: string | { url: string; jitter?: number };
  /** Logs each decision with its reason. */
  debug?: boolean;
}
