// A run: gathers facts, asks Rust for the next step, does it, until there is nothing left to do.

import { get, put } from './store.js';
import { label, obstacle, permission } from './environment.js';
import { CODES, type PushErrorCode, PushError } from './error.js';
import { Goal, type Head, PERMISSIONS, STEPS, type Step, SUBSCRIPTIONS, WORKERS } from './head.js';
import { TAG } from '../outbox/tag.js';
import { bodyOf, configure, confirm, EXPIRING, isSaved, pend, type Record, replace, scopeOf, withdraw } from './record.js';
import { parsed, request } from './server.js';
import type { Options, Removal, State, Upload } from './types.js';

/** What outlives a run. */
export interface Self {
  readonly head: Head;
  readonly options: Options;
  readonly state: State;
  set(state: State): void;
  /** The record, where it cannot be stored. */
  memory: Record;
  /** When that is done which nobody waits for. */
  written?: Promise<unknown>;
  /** Does a refresh at this time, once. */
  later(time: number): void;
}

/** How old the permission may be that is read, in milliseconds. */
const LATELY = 100;
/** How long a worker may take for one change of its state, and a push service or a server for an answer, in milliseconds. */
const WORKER = 10_000;
const ANSWER = 30_000;
/** How long a server may take before the worker is to be woken should it not hear from this page. */
const SOON = 1000;

/** Runs towards a goal. Gives the subscription or null; for `Goal.Unsubscribe`, whether there was one. */
export async function run(self: Self, goal: Goal, change?: Partial<Record>): Promise<any> {
  const { head, options } = self;
  const scope = scopeOf(options);
  // What is confirmed in this run is new until its end, however short the interval.
  const began = Date.now();
  let record: Record = self.memory;
  let registration: ServiceWorkerRegistration | undefined;
  let subscription: PushSubscription | null = null;
  let body: Upload | undefined;
  let failure: { step: Step; code: PushErrorCode; cause: unknown } | undefined;
  let [had, read, asked, found, registered, looked, answered, vain] = [0, 0, 0, 0, 0, 0, 0, 0];
  let persisted = self.state.persisted;
  const allowed = permission(LATELY);
  /** The subscription, asked for as soon as there is somebody to ask. */
  let sought: Promise<PushSubscription | null>;

  /** Asks now, for a step that comes later; that step has the failure. */
  const ahead = <T>(ask: () => Promise<T>): Promise<T> => {
    const answer = (async () => ask())();
    answer.catch(() => {});
    return answer;
  };
  const seek = (registration: ServiceWorkerRegistration) => (sought = ahead(() => registration.pushManager.getSubscription()));

  const write = () => {
    self.memory = record;
    return persisted ? put(scope, record) : undefined;
  };

  const worker = () => (registration?.active ? 2 : registration ? 1 : 0);

  const held = () => {
    if (!subscription) return 1;
    const key = subscription.options?.applicationServerKey;
    if (key && record.key && !head.isSameKey(record.key, new Uint8Array(key))) return 3;
    const { expirationTime } = subscription;
    return expirationTime && expirationTime - Date.now() < EXPIRING ? 4 : 2;
  };

  /** As `Facts::from_bits` in crates/core/src/lifecycle.rs unpacks them. */
  const facts = () => {
    const { wanted, key, replaces, saved, removing, pending } = record;
    const noted = subscription
      ? replaces && (replaces.endpoint === subscription.endpoint || saved?.endpoint !== subscription.endpoint)
      : replaces || !saved;
    const now = Date.now();
    const flags = [
      noted, subscription && isSaved(record, subscription, began, options.interval), removing, (pending?.next ?? 0) <= now || pending!.tried! > now, answered, vain,
    ];
    return (
      allowed | (read << 2) | ((wanted === undefined ? 0 : wanted ? 2 : 1) << 3) |
      ((options.server || options.upload ? 1 : 0) << 5) | (asked << 6) | ((key ? 1 : 0) << 7) |
      ((found ? worker() + 1 : 0) << 8) | (registered << 10) | ((looked ? held() : 0) << 11) |
      flags.reduce<number>((bits, flag, at) => bits | (flag ? 1 << (14 + at) : 0), 0)
    );
  };

  /** The record is here, or there will be none. */
  const begin = () => {
    read = 1;
    configure(record, options, label(head));
    const { told, saved } = record;
    if (told) {
      const { replaces, ...known } = JSON.parse(told.request.body as any);
      record.told = record.pending = undefined;
      if (told.request.method === 'PUT') confirm(record, known, parsed(told.body)?.id);
      // Another step may be between this and the commit.
      else answered = Number(goal !== Goal.Look);
    }
    if (change) {
      Object.assign(record, change, { pending: undefined });
      const { id, at, ...known }: any = saved ?? {};
      const { tags, user } = record;
      if (saved) pend(record, 'PUT', { ...known, tags, user });
    }
    // Before the network, and in order with all that is written after it.
    if (change || (told && goal !== Goal.Look)) return write();
  };

  /** Has the browser wake the worker when there is a network. Without, other occasions remain. */
  const arm = () => void (registration as any)?.sync?.register(TAG).catch(() => {});

  /**
   * Writes down what the server is to be told, and tells it: should this page not live to hear the answer, the worker takes
   * over. Where there are locks, it waits for the end of this run. It is woken if this page ends, or the server takes long: most
   * answer soon, and then it has nothing to do.
   */
  const tell = async (method: 'PUT' | 'DELETE', body: Upload | Removal) => {
    pend(record, method, body);
    // Both at once: what is on its way to the disk gets there without this page.
    const written = Promise.resolve(write()).catch(() => {});
    const timer = navigator.locks && setTimeout(arm, SOON);
    if (timer) addEventListener('pagehide', arm);
    try {
      const [answer] = await Promise.all([request(options, '/subscriptions', method, body), written]);
      return answer;
    } finally {
      clearTimeout(timer);
      removeEventListener('pagehide', arm);
    }
  };

  const steps: { [step in Step]: () => unknown } = {
    read: async () => {
      const stored = persisted && (await get(scope));
      if (stored) record = stored as Record;
      await begin();
    },
    ask: async () => {
      asked = 1;
      // With a function of the app's, and no server, there is nobody to ask.
      if (!options.server) return;
      const id = record.saved?.id;
      const { publicKey, known } = (await request(options, `/key${id ? `?subscription=${id}` : ''}`, 'GET')) ?? {};
      if (!options.applicationServerKey) {
        if (!head.isKey(String(publicKey))) throw new PushError('invalid-key', publicKey);
        record.key = publicKey;
      }
      if (known === false) record.saved = record.pending = undefined;
    },
    find: async () => {
      registration = await finding;
      found = 1;
    },
    register: async () => {
      const { scope } = options;
      registration = await navigator.serviceWorker.register(options.worker as string, scope === undefined ? {} : { scope });
      found = registered = 1;
      seek(registration);
    },
    activate: () => {
      const worker = registration!.installing ?? registration!.waiting;
      // It was on its way, and is no more.
      if (!worker) throw new DOMException('the worker could not be installed', 'InvalidStateError');
      return new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
    },
    look: async () => {
      subscription = await sought;
      had = subscription ? 1 : 0;
      looked = 1;
    },
    'note-wanted': () => {
      record.wanted = true;
      return write();
    },
    'note-old': () => {
      replace(record, subscription);
      withdraw(record);
      return write();
    },
    'note-end': () => {
      record.wanted = false;
      withdraw(record);
      record.removing = subscription?.endpoint ?? record.saved?.endpoint;
      return write();
    },
    end: async () => {
      await subscription!.unsubscribe();
      subscription = null;
    },
    subscribe: async () => {
      subscription = await registration!.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: record.key! });
    },
    upload: async () => {
      body = bodyOf(record, subscription!);
      const answer = await tell('PUT', { ...body, replaces: record.replaces });
      confirm(record, body, answer?.id);
      answered = 1;
    },
    delete: async () => {
      await tell('DELETE', { endpoint: record.removing! });
      answered = 1;
    },
    commit: () => {
      answered = 0;
      if (record.removing) {
        if (record.saved?.endpoint === record.removing) record.saved = undefined;
        record.removing = record.pending = undefined;
      }
      // Nobody need wait for it but the next run, in whatever tab.
      self.written = Promise.resolve(write()).catch(() => self.set({ ...self.state, persisted: (persisted = false) }));
    },
    done: () => {},
  };

  /** What becomes of a run whose step failed; whether it goes on. */
  const failed = async (number: number, cause: any): Promise<boolean> => {
    const step = STEPS[number]!;
    if (step === 'read' || step === 'commit' || step.startsWith('note')) {
      // The record lives as long as the page.
      persisted = false;
      self.memory = record;
      if (step === 'read') await begin();
      return true;
    }
    // An old key serves while the server is away.
    if (step === 'ask' && record.key) return true;
    const code = cause instanceof PushError ? cause.code : CODES[head.failure(number, cause?.name ?? '', cause?.status ?? 0, permission())]!;
    if (step === 'upload' || step === 'delete') {
      vain = 1;
      arm();
      const attempts = (record.pending?.attempts ?? 0) + 1;
      const tried = Date.now();
      const next = tried + head.uploadWait(attempts, cause?.retryAfter ?? 0, Math.random());
      record.pending = { ...record.pending, attempts, next, tried, hold: cause?.retryAfter ? 2 : cause?.status ? 1 : 0 };
      if (code === 'user-refused' && change) {
        // What the server refuses must not hold up what it would take.
        record.user = record.saved?.user;
        record.pending = undefined;
      }
      await Promise.resolve(write()).catch(() => {});
    }
    failure = { step, code, cause: cause instanceof PushError ? cause.cause : cause };
    return head.mayFail(number) && (step !== 'ask' || goal !== Goal.Subscribe);
  };

  // While the record is read. To subscribe, the worker is registered anyway, and that finds it.
  const finding = goal === Goal.Subscribe ? undefined : ahead(async () => {
    const registration = await navigator.serviceWorker.getRegistration(options.scope ?? scope);
    if (registration) seek(registration);
    return registration;
  });

  for (;;) {
    const number = head.next(goal, facts());
    const step = STEPS[number]!;
    if (step === 'done') break;
    const deadline = step === 'register' || step === 'activate' ? WORKER : ANSWER;
    try {
      let timer: ReturnType<typeof setTimeout>;
      const late = new Promise((_, reject) => (timer = setTimeout(reject, deadline)));
      await Promise.race([steps[step](), late]).finally(() => clearTimeout(timer));
    } catch (cause) {
      if (!(await failed(number, cause))) break;
    }
  }

  const known = facts();
  const saved = !subscription || isSaved(record, subscription, began, options.interval);
  const { next } = record.pending ?? {};
  if (next && (record.removing || !saved)) self.later(next);
  // It may have changed meanwhile.
  const now = permission(LATELY);
  self.set({
    permission: PERMISSIONS[now]!,
    subscription: SUBSCRIPTIONS[head.subscription(known)]!,
    worker: WORKERS[worker()]!,
    reason: obstacle(head) ?? failure?.code ?? (now === 2 ? 'permission-denied' : undefined),
    step: failure?.step as State['step'],
    persisted,
    user: record.user,
  });
  // A refresh that nobody waits for puts its failure into the state.
  if (failure && (goal !== Goal.Refresh || change)) throw new PushError(failure.code, failure.cause);
  return goal === Goal.Unsubscribe ? !!had : subscription;
}
