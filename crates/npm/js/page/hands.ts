// The hands of the page: they carry out what Rust decides. The npm package calls them, and so does the crate `tidings`, for
// which scripts/build.mjs bundles this file into crates/client/src/page/hands.js.

import { connect, get, put } from './store.js';
import { environment, obstacle, permission } from './environment.js';
import { PushError } from './error.js';
import { Goal, type Head, PERMISSIONS } from './head.js';
import { KEY, listen } from './messages.js';
import { ask } from './permission.js';
import { type Record, scopeOf } from './record.js';
import { run, type Self } from './run.js';
import type { Options, State } from './types.js';
import { UNKNOWN } from './unknown.js';

export { connect, environment, listen, permission, UNKNOWN };

export type Hands = ReturnType<typeof hands>;

/** Web push for this page; `changed` is called after each change of the state. */
export function hands(head: Head, options: Options, changed: (state: State) => void) {
  let state: State = { ...UNKNOWN, permission: PERMISSIONS[permission()]!, reason: obstacle(head) };
  /** The last run, where there are no locks. */
  let tail: Promise<unknown> = Promise.resolve();
  let timer = false;
  /** Whether a subscription is wanted that the browser's question stands in the way of. */
  let refused = false;

  const self: Self = {
    head,
    options,
    memory: {},
    get state() {
      return state;
    },
    set(now) {
      if (JSON.stringify(now) !== JSON.stringify(state)) changed((state = Object.freeze(now)));
    },
    later(time) {
      if (timer) return;
      timer = true;
      // The longest that a timer can wait is 2³¹ milliseconds.
      setTimeout(() => ((timer = false), quietly(Goal.Refresh)), Math.min(Math.max(time - Date.now(), 0), 2 ** 31 - 1));
    },
  };

  /** The refresh that waits for its turn, with nothing behind it: who wants another one has it. */
  let waiting: Promise<any> | undefined;

  /** One run at a time in all tabs and the worker, but for a look, which changes nothing. */
  async function reach(goal: Goal, change?: Partial<Record>): Promise<any> {
    if (obstacle(head)) return goal === Goal.Unsubscribe ? false : null;
    // Meanwhile.
    connect().catch(() => {});
    if (goal === Goal.Look) return run(self, goal);
    if (goal !== Goal.Refresh || change) return alone(() => run(self, goal, change));
    return (waiting ??= alone(() => {
      waiting = undefined;
      return run(self, goal);
    }));
  }

  /** While no other page, and no worker, writes to the record. */
  function alone<T>(write: () => Promise<T>): Promise<T> {
    waiting = undefined;
    if (navigator.locks) {
      // Whoever waits for the result need not wait until the lock is given back.
      return new Promise((resolve, reject) => {
        navigator.locks.request(KEY, () => write().then(resolve, reject).then(() => self.written)).catch((error) => {
          waiting = undefined;
          reject(error);
        });
      });
    }
    // Older browsers: one at a time in this page, and the server keeps one row for a device.
    const mine = tail.then(write, write);
    tail = mine.catch(() => {});
    return mine;
  }

  /** What nobody waits for has its failure in the state. */
  const quietly = (goal: Goal) => void reach(goal).catch(() => {});

  /** Whoever pressed the button, and then allows it in the browser's settings, is subscribed without pressing it again. */
  const refresh = () => {
    const now = permission();
    quietly(Goal.Refresh);
    if (!refused || now !== 1) return;
    refused = false;
    // After it: the state is true before a push service has answered.
    quietly(Goal.Subscribe);
  };

  const registration = () => navigator.serviceWorker.getRegistration(scopeOf(options));
  const notifications = async (tag?: string) => (await registration())?.getNotifications(tag === undefined ? {} : { tag }) ?? [];

  return {
    state: () => state,
    subscription: () => reach(Goal.Look),
    refresh() {
      // But that of this very moment.
      permission(5);
      return reach(Goal.Refresh);
    },
    unsubscribe() {
      refused = false;
      return reach(Goal.Unsubscribe);
    },
    change: (change: Partial<Record>) => reach(Goal.Refresh, change),

    async subscribe(): Promise<PushSubscription> {
      const hindrance = obstacle(head);
      if (hindrance) throw new PushError(hindrance);
      // A key that was given is checked before the prompt, so that no prompt is wasted on a wrong one.
      const { applicationServerKey, server } = options;
      if (applicationServerKey === undefined ? !server : !head.isKey(applicationServerKey)) throw new PushError('invalid-key');
      try {
        await ask(head);
      } catch (error) {
        refused = true;
        quietly(Goal.Look);
        throw error;
      }
      refused = false;
      return reach(Goal.Subscribe);
    },

    /** Refreshes now, and whenever something changes from outside. */
    watch() {
      if (obstacle(head)) return;
      const look = () => (PERMISSIONS[permission()] === state.permission ? quietly(Goal.Look) : refresh());
      addEventListener('focus', look);
      document.addEventListener('visibilitychange', look);
      addEventListener('online', refresh);
      listen('change', refresh);
      listen('told', refresh);
      // Safari has the event and never fires it.
      navigator.permissions?.query({ name: 'notifications' }).then((status) => status.addEventListener('change', refresh), () => {});
      quietly(Goal.Refresh);
    },

    notifications,
    async close(tag?: string): Promise<number> {
      const shown = await notifications(tag);
      for (const notification of shown) notification.close();
      return shown.length;
    },
    async badge(count?: number): Promise<void> {
      await navigator.setAppBadge?.(count);
    },

    /** Until when the app's own question is not to be shown; `dismissed`: once more. */
    async priming(dismissed?: boolean): Promise<number> {
      const scope = scopeOf(options);
      const read = async () => ((await get(scope).catch(() => {})) ?? self.memory) as Record;
      if (!dismissed) return (await read()).until ?? 0;
      return alone(async () => {
        const record = await read();
        record.dismissed = (record.dismissed ?? 0) + 1;
        record.until = Date.now() + head.primingWait(record.dismissed);
        self.memory = record;
        await put(scope, record).catch(() => {});
        return record.until;
      });
    },
  };
}
