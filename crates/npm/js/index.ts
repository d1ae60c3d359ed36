// The page entry: types, errors and the one object that an app talks to. What it does is decided in Rust.

import * as rust from '#glue';
import module from '#wasm';

/** Where the worker, the server and the key are. */
export interface Options {
  /** The URL of the service worker's script. Default: `/worker.js`. */
  worker?: string;
  /** The scope to register it for. Default: the folder of the script. */
  scope?: string;
  /**
   * The base URL of the application server's API. Default: `/api/v1`. `null`: no server is told of anything, and
   * `applicationServerKey` must be given.
   */
  server?: string | null;
  /** The public key of the application server (VAPID), base64url without padding. Default: the server is asked. */
  applicationServerKey?: string;
}

/** The codes of {@link PushError}. They never change. */
export type PushErrorCode =
  | 'insecure-context'
  | 'no-service-worker'
  | 'no-push'
  | 'permission-denied'
  | 'permission-dismissed'
  | 'invalid-key'
  | 'key-mismatch'
  | 'worker-failed'
  | 'worker-timeout'
  | 'push-service-unavailable'
  | 'server-unavailable'
  | 'server-refused'
  | 'wasm-unavailable'
  | 'unknown';

/** What went wrong: match on `code`; `cause` is the browser's own error, or what the server said. */
export class PushError extends Error {
  override readonly name = 'PushError';
  readonly code: PushErrorCode;

  constructor(code: PushErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Whether push is possible in this page, or the obstacle. */
export type Support =
  | { supported: true }
  | { supported: false; obstacle: 'insecure-context' | 'no-service-worker' | 'no-push' | 'wasm-unavailable' };

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

/** A message for a page that the person is looking at: an offer, with the worker's option `foreground`. */
export interface Offer extends Omit<Shown, 'received' | 'shown'> {
  readonly navigate: string;
  readonly options: NotificationOptions;
  /** Takes the message over: no notification is shown. Call it before the listener returns. */
  preventDefault(): void;
}

/** What {@link Push.on} tells of. */
export interface Events {
  /** A notification that was dismissed. */
  close: Pick<Click, 'title' | 'body' | 'tag' | 'data'>;
  /** The browser has changed the subscription by itself; the worker has told the server. */
  change: object;
  /** A message that this page may take over. */
  message: Offer;
  /** A click on a notification that was delivered to this page. */
  click: Click;
  /** A push that was shown while this page was open. */
  shown: Shown;
}

/** Web push for this page; see {@link createPush}. */
export interface Push {
  /**
   * Asks for permission, registers the worker, subscribes, and tells the server. Call it from a click: the prompt is the
   * first thing that happens. It may be called again at any time.
   * @throws {PushError}
   */
  subscribe(): Promise<PushSubscription>;
  /** The subscription of this browser, if there is one. Asks and registers nothing. */
  subscription(): Promise<PushSubscription | null>;
  /**
   * Ends the subscription, in the browser and on the server; `false` if there was none.
   * @throws {PushError} if the server could not be told; the subscription is ended all the same.
   */
  unsubscribe(): Promise<boolean>;
  /**
   * Calls back for each event; returns the function that ends it.
   * @throws {PushError} if there can be no worker
   */
  on<Type extends keyof Events>(type: Type, listener: (event: Events[Type]) => void): () => void;
}

/** The calls that take time, as `run` in crates/npm/src/page.rs numbers them. */
const enum Call {
  Subscribe,
  Subscription,
  Unsubscribe,
}

let started = false;

/** Starts the WASM at the first call, synchronously: a prompt must follow the user's click at once. */
function start(): typeof rust {
  if (!started) {
    try {
      rust.initSync({ module: module() });
    } catch (cause) {
      throw new PushError('wasm-unavailable', "WebAssembly is blocked; allow 'wasm-unsafe-eval' in script-src", cause);
    }
    started = true;
  }
  return rust;
}

/** Runs a call in Rust; its errors become {@link PushError}. */
async function call<T>(run: (module: typeof rust) => Promise<T>): Promise<T> {
  try {
    return await run(start());
  } catch (error) {
    throw typed(error);
  }
}

function typed(error: any): PushError {
  if (error instanceof PushError) return error;
  return new PushError(error?.code ?? 'unknown', error?.message ?? String(error), error?.code ? error.cause : error);
}

/**
 * Whether push is possible in this page, found out without asking anybody. Safe to call anywhere, also in Node.
 *
 * @example
 * const { supported } = support();
 * button.hidden = !supported;
 */
export function support(): Support {
  try {
    const obstacle = start().support();
    return obstacle ? { supported: false, obstacle } : { supported: true };
  } catch {
    return { supported: false, obstacle: 'wasm-unavailable' };
  }
}

/** The permission to notify, as it is now; `denied` where there are no notifications. */
export function permission(): NotificationPermission {
  return start().permission();
}

type Listener = (event: any) => void;

const listeners = new Map<string, Set<Listener>>();

/** The listeners for this type; the first call starts to listen to the worker. */
function listenersFor(type: string): Set<Listener> {
  let found = listeners.get(type);
  if (!found) {
    const all = new Set<Listener>();
    start().listen(type, (event) => {
      let taken = false;
      if (type === 'message') event.preventDefault = () => void (taken = true);
      for (const listener of all) listener(event);
      return taken;
    });
    listeners.set(type, (found = all));
  }
  return found;
}

/**
 * Web push for this page. Nothing happens before one of its functions is called.
 *
 * @example
 * const push = createPush({ worker: '/worker.js' });
 * button.onclick = () => push.subscribe();
 * push.on('click', ({ url, data }) => router.go(url));
 */
export function createPush(options: Options = {}): Push {
  return {
    subscribe: () => call((rust) => rust.run(Call.Subscribe, options)),
    subscription: () => call((rust) => rust.run(Call.Subscription, options)),
    unsubscribe: () => call((rust) => rust.run(Call.Unsubscribe, options)),
    on(type, listener) {
      try {
        const all = listenersFor(type);
        all.add(listener);
        return () => void all.delete(listener);
      } catch (error) {
        throw typed(error);
      }
    },
  };
}
