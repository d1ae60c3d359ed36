// The page entry: WASM that decides, hands that carry out, and what an app sees of both.

import module from '#module';
import { PushError } from './page/error.js';
import * as hands from './page/hands.js';
import type { Head } from './page/head.js';
import { start } from './page/start.js';
import type { Environment, Events, Options, Push, State } from './page/types.js';

export type { Obstacle, PushErrorCode, Refusal } from './page/error.js';
export type * from './page/types.js';
export { PushError };

let head: Head | undefined;

/** Starts the WASM at the first call, synchronously: a prompt must follow the user's click at once. */
function started(): Head {
  try {
    return (head ??= start(module()));
  } catch (cause) {
    throw new PushError('wasm-unavailable', cause);
  }
}

/**
 * What this browser can do, and what hinders push here. Safe to call anywhere, also in Node.
 *
 * @example
 * const here = environment();
 * button.hidden = !here.supported;
 */
export function environment(): Environment {
  try {
    return hands.environment(started());
  } catch {
    const none = { needsGesture: true, maxActions: 0, badge: false, sync: false, periodicSync: false, declarative: false, navigate: false };
    return { supported: false, obstacle: 'wasm-unavailable', ...none };
  }
}

/**
 * Web push for this page. On load, what was subscribed before is brought in order; nobody is asked.
 *
 * @example
 * const push = createPush({ worker: '/worker.js' });
 * button.onclick = () => push.subscribe();
 * push.on('click', ({ url, data }) => router.go(url));
 */
export function createPush({ worker = '/worker.js', server = '/api/v1', auto = true, ...more }: Options = {}): Push {
  const followers = new Set<() => void>();
  const listeners = new Map<string, Set<(event: any) => void>>();
  let state = hands.UNKNOWN;
  let made: hands.Hands | undefined;

  const follow = (changed: State) => {
    state = changed;
    for (const follower of [...followers]) follower();
  };
  const push = () => {
    // It takes longer to open than the WASM to start.
    if (!made && (globalThis.navigator as Navigator | undefined)?.serviceWorker) hands.connect().catch(() => {});
    made ??= hands.hands(started(), { worker, server, ...more }, follow);
    if (state === hands.UNKNOWN) follow(made.state());
    return made;
  };
  /** Whatever goes wrong becomes a {@link PushError}. */
  const settle = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (error instanceof PushError) throw error;
      throw new PushError('unknown', error);
    }
  };
  const change = (change: { user?: string | null; tags?: readonly string[] }) => settle(() => push().change(change)).then(() => {});

  // After the app's own first lines; not where a server renders.
  if (auto && typeof document === 'object') queueMicrotask(() => settle(async () => push().watch()).catch(() => {}));

  return {
    subscribe: () => settle(() => push().subscribe()),
    subscription: () => settle(() => push().subscription()),
    unsubscribe: () => settle(() => push().unsubscribe()),
    refresh: () => settle(() => push().refresh()).then(() => state),
    identify: (user) => change({ user }),
    forget: () => change({ user: null }),
    setTags: (tags) => change({ tags }),
    getState: () => state,
    subscribeState(listener) {
      followers.add(listener);
      return () => void followers.delete(listener);
    },
    on(type, listener) {
      let all = listeners.get(type);
      if (!all) {
        const found = (all = new Set<(event: any) => void>());
        hands.listen(type, (event) => {
          let taken = false;
          if (type === 'message') event.preventDefault = () => void (taken = true);
          for (const listener of found) listener(event);
          return taken;
        });
        listeners.set(type, all);
      }
      all.add(listener);
      return () => void all.delete(listener);
    },
    notifications: (tag) => settle(() => push().notifications(tag)),
    closeNotifications: (tag) => settle(() => push().close(tag)),
    setBadge: (count) => settle(() => push().badge(count)),
    priming: (dismissed) => settle(() => push().priming(dismissed)),
  };
}
