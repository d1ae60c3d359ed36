// Made by scripts/build.mjs from crates/npm/js/page: change it there.

// crates/npm/js/outbox/open.ts
var result = (request3) => new Promise((resolve, reject) => {
  request3.onsuccess = () => resolve(request3.result);
  request3.onerror = () => reject(request3.error);
});
function open() {
  const request3 = indexedDB.open("tidings", 2);
  request3.onupgradeneeded = () => {
    for (const name of ["kv", "outbox"]) {
      if (!request3.result.objectStoreNames.contains(name)) request3.result.createObjectStore(name);
    }
  };
  return result(request3);
}

// crates/npm/js/page/store.ts
var DEADLINE = 3e3;
var connection;
var forget = () => {
  connection?.then((database) => database.close(), () => {
  });
  connection = void 0;
};
function connect() {
  if (!connection) {
    connection = (async () => open())();
    connection.then((database) => database.onversionchange = database.onclose = forget, forget);
    addEventListener("pagehide", forget);
  }
  return connection;
}
async function begin(mode) {
  try {
    return (await connect()).transaction("kv", mode);
  } catch {
    forget();
    return (await connect()).transaction("kv", mode);
  }
}
var within = (work) => {
  let timer;
  const late = new Promise((_, reject) => timer = setTimeout(() => (forget(), reject()), DEADLINE));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};
var get = (key) => within(begin("readonly").then((transaction) => result(transaction.objectStore("kv").get(key))));
var put = (key, value) => within(begin("readwrite").then((transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = resolve;
  transaction.onabort = reject;
  const store = transaction.objectStore("kv");
  value === void 0 ? store.delete(key) : store.put(value, key);
  transaction.commit?.();
})));

// crates/npm/js/page/error.ts
var CODES = [
  "insecure-context",
  "no-service-worker",
  "no-push",
  "needs-install",
  "in-iframe",
  "private-mode",
  "webview",
  "needs-gesture",
  "permission-denied",
  "permission-dismissed",
  "permission-quiet",
  "invalid-key",
  "key-mismatch",
  "worker-failed",
  "worker-timeout",
  "push-service-unavailable",
  "server-unavailable",
  "server-refused",
  "user-refused",
  "unknown",
  "wasm-unavailable"
];
var PushError = class PushError2 extends Error {
  constructor(code, cause) {
    super(`${code}, see https://github.com/tidings-push/tidings#error-codes`, { cause });
    this.code = code;
  }
  code;
  name = "PushError";
};

// crates/npm/js/page/head.ts
var STEPS = [
  "read",
  "ask",
  "find",
  "register",
  "activate",
  "look",
  "note-wanted",
  "note-old",
  "note-end",
  "end",
  "subscribe",
  "upload",
  "delete",
  "commit",
  "done"
];
var SUBSCRIPTIONS = ["unknown", "none", "unsaved", "saved", "stale", "expiring"];
var PERMISSIONS = ["default", "granted", "denied"];
var WORKERS = ["none", "waiting", "active"];

// crates/npm/js/page/environment.ts
var global = globalThis;
var navigator2 = () => global.navigator ?? {};
var userAgent = () => navigator2().userAgent ?? "";
var touch = () => navigator2().maxTouchPoints > 1;
var read = 0;
var known = 2;
function permission(age = 0) {
  const now = performance.now();
  if (!read || now - read > age) {
    known = PERMISSIONS.indexOf(global.Notification?.permission ?? "denied");
    read = now;
  }
  return known;
}
function obstacle(head) {
  const framed = global.parent && global.parent !== global && global.frameElement === null;
  const installed = navigator2().standalone || global.matchMedia?.("(display-mode: standalone)").matches;
  const facts = [
    global.isSecureContext,
    navigator2().serviceWorker,
    global.PushManager && global.Notification,
    framed,
    installed,
    touch()
  ];
  return CODES[head.obstacle(userAgent(), facts.reduce((bits, fact, at) => bits | (fact ? 1 << at : 0), 0))];
}
function environment(head) {
  const hindrance = obstacle(head);
  return {
    ...hindrance ? { supported: false, obstacle: hindrance } : { supported: true },
    needsGesture: !!head.needsGesture(userAgent()),
    maxActions: global.Notification?.maxActions ?? 0,
    badge: "setAppBadge" in navigator2(),
    sync: "SyncManager" in global,
    periodicSync: "PeriodicSyncManager" in global,
    declarative: "pushManager" in global,
    navigate: "navigate" in (global.Notification?.prototype ?? {})
  };
}
var label = (head) => head.label(userAgent(), touch());

// crates/npm/js/page/messages.ts
var KEY = "tidings";
function listen(kind, callback) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) throw new PushError("no-service-worker");
  const seen = /* @__PURE__ */ new Set();
  const listener = ({ data, source, ports }) => {
    if (data?.[KEY] !== kind) return;
    const { [KEY]: _, click, ...message } = data;
    if (click) {
      source?.postMessage({ [KEY]: "ack", click });
      if (seen.has(click)) return;
      seen.add(click);
    }
    const taken = callback(message) === true;
    ports[0]?.postMessage(taken);
  };
  serviceWorker.addEventListener("message", listener);
  if (kind === "click") serviceWorker.ready.then(({ active }) => active?.postMessage({ [KEY]: "ready" }));
  return () => serviceWorker.removeEventListener("message", listener);
}

// crates/npm/js/page/permission.ts
var LOCK = "tidings-question";
var SHOWN = 3e3;
var asking;
function ask(head) {
  return asking ??= question(head).finally(() => asking = void 0);
}
async function question(head) {
  let now = permission();
  const since = performance.now();
  let mine = false;
  let unseen = false;
  if (now === 0) {
    const gesture = head.needsGesture(userAgent());
    if (gesture && navigator.userActivation?.isActive === false) throw new PushError("needs-gesture");
    unseen = !gesture && !userAgent().includes("Android") && document.hasFocus();
    const blur = () => unseen = false;
    addEventListener("blur", blur);
    mine = await request(() => unseen).finally(() => removeEventListener("blur", blur));
    now = permission();
  }
  if (now !== 1) throw new PushError(CODES[head.refusal(now, mine, performance.now() - since, unseen)]);
}
async function request(unseen) {
  const { locks } = navigator;
  let answer;
  const show = (lock) => {
    if (lock === null) return;
    const quiet = new Promise((resolve) => setTimeout(() => unseen() && resolve(), SHOWN));
    answer = Promise.race([Notification.requestPermission(), quiet]);
    return Promise.race([answer, new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }))]);
  };
  await (locks ? locks.request(LOCK, { ifAvailable: true }, show) : show());
  if (!answer) await locks.request(LOCK, () => {
  });
  await answer;
  return !!answer;
}

// crates/npm/js/page/record.ts
var EXPIRING = 24 * 36e5;
var INTERVAL = 7 * 24 * 36e5;
var scopeOf = ({ worker, scope }) => scope === void 0 ? new URL("./", new URL(String(worker), location.href)).href : new URL(scope, location.href).href;
function configure(record, options, label2) {
  const { server, headers, credentials, tags, upload, applicationServerKey } = options;
  const url = server == null || upload ? void 0 : new URL(`${server}/subscriptions`, location.href).href;
  if (url !== record.request?.url) record.saved = void 0;
  const all = Object.entries({ ...headers, "content-type": "application/json" });
  Object.assign(record, { label: label2, request: url && { url, method: "PUT", headers: all, credentials } });
  if (tags) record.tags = tags;
  if (applicationServerKey) record.key = applicationServerKey;
  record.device ??= crypto.randomUUID();
}
function bodyOf({ device, label: label2, tags, user }, subscription) {
  return { ...subscription.toJSON(), device, label: label2, tags, user };
}
function isSaved(record, subscription, now, interval = INTERVAL) {
  const { saved, replaces } = record;
  if (!saved || replaces || saved.at + interval < now) return false;
  const { id, at, ...known2 } = saved;
  return JSON.stringify(known2) === JSON.stringify(bodyOf(record, subscription));
}
function confirm(record, body, id) {
  record.saved = { ...body, id, at: Date.now() };
  record.replaces = record.pending = void 0;
}
function pend(record, method, body) {
  const { request: request3, pending } = record;
  record.pending = { attempts: 0, ...pending, request: request3 && { ...request3, method, body: JSON.stringify(body) } };
}
function withdraw(record) {
  if (record.pending) record.pending = { ...record.pending, request: void 0 };
}
function replace(record, subscription) {
  const { endpoint, keys } = subscription?.toJSON() ?? record.saved;
  record.replaces = { endpoint, auth: keys.auth };
}

// crates/npm/js/outbox/tag.ts
var TAG = "tidings-outbox";

// crates/npm/js/page/server.ts
async function request2(options, path, method, body) {
  const { server, headers, credentials, upload } = options;
  if (upload && body && method !== "GET") return upload(body, method);
  const response = await fetch(server + path, {
    method,
    cache: "no-store",
    credentials,
    headers: { ...headers, ...body && { "content-type": "application/json" } },
    body: JSON.stringify(body),
    // Goes on when the page is closed.
    keepalive: !!body
  });
  const text = await response.text();
  if (!response.ok) {
    const header = response.headers.get("retry-after") ?? "";
    const wait = Number(header) * 1e3 || Date.parse(header) - Date.now();
    throw { status: response.status, text, retryAfter: wait > 0 ? wait : 0 };
  }
  return parsed(text);
}
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}

// crates/npm/js/page/run.ts
var LATELY = 100;
var WORKER = 1e4;
var ANSWER = 3e4;
var SOON = 1e3;
async function run(self, goal, change) {
  const { head, options } = self;
  const scope = scopeOf(options);
  const began = Date.now();
  let record = self.memory;
  let registration;
  let subscription = null;
  let body;
  let failure;
  let [had, read2, asked, found, registered, looked, answered, vain] = [0, 0, 0, 0, 0, 0, 0, 0];
  let persisted = self.state.persisted;
  const allowed = permission(LATELY);
  let sought;
  const ahead = (ask2) => {
    const answer = (async () => ask2())();
    answer.catch(() => {
    });
    return answer;
  };
  const seek = (registration2) => sought = ahead(() => registration2.pushManager.getSubscription());
  const write = () => {
    self.memory = record;
    return persisted ? put(scope, record) : void 0;
  };
  const worker = () => registration?.active ? 2 : registration ? 1 : 0;
  const held = () => {
    if (!subscription) return 1;
    const key = subscription.options?.applicationServerKey;
    if (key && record.key && !head.isSameKey(record.key, new Uint8Array(key))) return 3;
    const { expirationTime } = subscription;
    return expirationTime && expirationTime - Date.now() < EXPIRING ? 4 : 2;
  };
  const facts = () => {
    const { wanted, key, replaces, saved: saved2, removing, pending } = record;
    const noted = subscription ? replaces && (replaces.endpoint === subscription.endpoint || saved2?.endpoint !== subscription.endpoint) : replaces || !saved2;
    const now2 = Date.now();
    const flags = [
      noted,
      subscription && isSaved(record, subscription, began, options.interval),
      removing,
      (pending?.next ?? 0) <= now2 || pending.tried > now2,
      answered,
      vain
    ];
    return allowed | read2 << 2 | (wanted === void 0 ? 0 : wanted ? 2 : 1) << 3 | (options.server || options.upload ? 1 : 0) << 5 | asked << 6 | (key ? 1 : 0) << 7 | (found ? worker() + 1 : 0) << 8 | registered << 10 | (looked ? held() : 0) << 11 | flags.reduce((bits, flag, at) => bits | (flag ? 1 << 14 + at : 0), 0);
  };
  const begin2 = () => {
    read2 = 1;
    configure(record, options, label(head));
    const { told, saved: saved2 } = record;
    if (told) {
      const { replaces, ...known3 } = JSON.parse(told.request.body);
      record.told = record.pending = void 0;
      if (told.request.method === "PUT") confirm(record, known3, parsed(told.body)?.id);
      else answered = Number(goal !== 0 /* Look */);
    }
    if (change) {
      Object.assign(record, change, { pending: void 0 });
      const { id, at, ...known3 } = saved2 ?? {};
      const { tags, user } = record;
      if (saved2) pend(record, "PUT", { ...known3, tags, user });
    }
    if (change || told && goal !== 0 /* Look */) return write();
  };
  const arm = () => void registration?.sync?.register(TAG).catch(() => {
  });
  const tell = async (method, body2) => {
    pend(record, method, body2);
    const written = Promise.resolve(write()).catch(() => {
    });
    const timer = navigator.locks && setTimeout(arm, SOON);
    if (timer) addEventListener("pagehide", arm);
    try {
      const [answer] = await Promise.all([request2(options, "/subscriptions", method, body2), written]);
      return answer;
    } finally {
      clearTimeout(timer);
      removeEventListener("pagehide", arm);
    }
  };
  const steps = {
    read: async () => {
      const stored = persisted && await get(scope);
      if (stored) record = stored;
      await begin2();
    },
    ask: async () => {
      asked = 1;
      if (!options.server) return;
      const id = record.saved?.id;
      const { publicKey, known: known3 } = await request2(options, `/key${id ? `?subscription=${id}` : ""}`, "GET") ?? {};
      if (!options.applicationServerKey) {
        if (!head.isKey(String(publicKey))) throw new PushError("invalid-key", publicKey);
        record.key = publicKey;
      }
      if (known3 === false) record.saved = record.pending = void 0;
    },
    find: async () => {
      registration = await finding;
      found = 1;
    },
    register: async () => {
      const { scope: scope2 } = options;
      registration = await navigator.serviceWorker.register(options.worker, scope2 === void 0 ? {} : { scope: scope2 });
      found = registered = 1;
      seek(registration);
    },
    activate: () => {
      const worker2 = registration.installing ?? registration.waiting;
      if (!worker2) throw new DOMException("the worker could not be installed", "InvalidStateError");
      return new Promise((resolve) => worker2.addEventListener("statechange", resolve, { once: true }));
    },
    look: async () => {
      subscription = await sought;
      had = subscription ? 1 : 0;
      looked = 1;
    },
    "note-wanted": () => {
      record.wanted = true;
      return write();
    },
    "note-old": () => {
      replace(record, subscription);
      withdraw(record);
      return write();
    },
    "note-end": () => {
      record.wanted = false;
      withdraw(record);
      record.removing = subscription?.endpoint ?? record.saved?.endpoint;
      return write();
    },
    end: async () => {
      await subscription.unsubscribe();
      subscription = null;
    },
    subscribe: async () => {
      subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: record.key });
    },
    upload: async () => {
      body = bodyOf(record, subscription);
      const answer = await tell("PUT", { ...body, replaces: record.replaces });
      confirm(record, body, answer?.id);
      answered = 1;
    },
    delete: async () => {
      await tell("DELETE", { endpoint: record.removing });
      answered = 1;
    },
    commit: () => {
      answered = 0;
      if (record.removing) {
        if (record.saved?.endpoint === record.removing) record.saved = void 0;
        record.removing = record.pending = void 0;
      }
      self.written = Promise.resolve(write()).catch(() => self.set({ ...self.state, persisted: persisted = false }));
    },
    done: () => {
    }
  };
  const failed = async (number, cause) => {
    const step = STEPS[number];
    if (step === "read" || step === "commit" || step.startsWith("note")) {
      persisted = false;
      self.memory = record;
      if (step === "read") await begin2();
      return true;
    }
    if (step === "ask" && record.key) return true;
    const code = cause instanceof PushError ? cause.code : CODES[head.failure(number, cause?.name ?? "", cause?.status ?? 0, permission())];
    if (step === "upload" || step === "delete") {
      vain = 1;
      arm();
      const attempts = (record.pending?.attempts ?? 0) + 1;
      const tried = Date.now();
      const next2 = tried + head.uploadWait(attempts, cause?.retryAfter ?? 0, Math.random());
      record.pending = { ...record.pending, attempts, next: next2, tried, hold: cause?.retryAfter ? 2 : cause?.status ? 1 : 0 };
      if (code === "user-refused" && change) {
        record.user = record.saved?.user;
        record.pending = void 0;
      }
      await Promise.resolve(write()).catch(() => {
      });
    }
    failure = { step, code, cause: cause instanceof PushError ? cause.cause : cause };
    return head.mayFail(number) && (step !== "ask" || goal !== 2 /* Subscribe */);
  };
  const finding = goal === 2 /* Subscribe */ ? void 0 : ahead(async () => {
    const registration2 = await navigator.serviceWorker.getRegistration(options.scope ?? scope);
    if (registration2) seek(registration2);
    return registration2;
  });
  for (; ; ) {
    const number = head.next(goal, facts());
    const step = STEPS[number];
    if (step === "done") break;
    const deadline = step === "register" || step === "activate" ? WORKER : ANSWER;
    try {
      let timer;
      const late = new Promise((_, reject) => timer = setTimeout(reject, deadline));
      await Promise.race([steps[step](), late]).finally(() => clearTimeout(timer));
    } catch (cause) {
      if (!await failed(number, cause)) break;
    }
  }
  const known2 = facts();
  const saved = !subscription || isSaved(record, subscription, began, options.interval);
  const { next } = record.pending ?? {};
  if (next && (record.removing || !saved)) self.later(next);
  const now = permission(LATELY);
  self.set({
    permission: PERMISSIONS[now],
    subscription: SUBSCRIPTIONS[head.subscription(known2)],
    worker: WORKERS[worker()],
    reason: obstacle(head) ?? failure?.code ?? (now === 2 ? "permission-denied" : void 0),
    step: failure?.step,
    persisted,
    user: record.user
  });
  if (failure && (goal !== 1 /* Refresh */ || change)) throw new PushError(failure.code, failure.cause);
  return goal === 3 /* Unsubscribe */ ? !!had : subscription;
}

// crates/npm/js/page/unknown.ts
var UNKNOWN = Object.freeze({ permission: "default", subscription: "unknown", worker: "none", persisted: true });

// crates/npm/js/page/hands.ts
function hands(head, options, changed) {
  let state = { ...UNKNOWN, permission: PERMISSIONS[permission()], reason: obstacle(head) };
  let tail = Promise.resolve();
  let timer = false;
  let refused = false;
  const self = {
    head,
    options,
    memory: {},
    get state() {
      return state;
    },
    set(now) {
      if (JSON.stringify(now) !== JSON.stringify(state)) changed(state = Object.freeze(now));
    },
    later(time) {
      if (timer) return;
      timer = true;
      setTimeout(() => (timer = false, quietly(1 /* Refresh */)), Math.min(Math.max(time - Date.now(), 0), 2 ** 31 - 1));
    }
  };
  let waiting;
  async function reach(goal, change) {
    if (obstacle(head)) return goal === 3 /* Unsubscribe */ ? false : null;
    connect().catch(() => {
    });
    if (goal === 0 /* Look */) return run(self, goal);
    if (goal !== 1 /* Refresh */ || change) return alone(() => run(self, goal, change));
    return waiting ??= alone(() => {
      waiting = void 0;
      return run(self, goal);
    });
  }
  function alone(write) {
    waiting = void 0;
    if (navigator.locks) {
      return new Promise((resolve, reject) => {
        navigator.locks.request(KEY, () => write().then(resolve, reject).then(() => self.written)).catch((error) => {
          waiting = void 0;
          reject(error);
        });
      });
    }
    const mine = tail.then(write, write);
    tail = mine.catch(() => {
    });
    return mine;
  }
  const quietly = (goal) => void reach(goal).catch(() => {
  });
  const refresh = () => {
    const now = permission();
    quietly(1 /* Refresh */);
    if (!refused || now !== 1) return;
    refused = false;
    quietly(2 /* Subscribe */);
  };
  const registration = () => navigator.serviceWorker.getRegistration(scopeOf(options));
  const notifications = async (tag) => (await registration())?.getNotifications(tag === void 0 ? {} : { tag }) ?? [];
  return {
    state: () => state,
    subscription: () => reach(0 /* Look */),
    refresh() {
      permission(5);
      return reach(1 /* Refresh */);
    },
    unsubscribe() {
      refused = false;
      return reach(3 /* Unsubscribe */);
    },
    change: (change) => reach(1 /* Refresh */, change),
    async subscribe() {
      const hindrance = obstacle(head);
      if (hindrance) throw new PushError(hindrance);
      const { applicationServerKey, server } = options;
      if (applicationServerKey === void 0 ? !server : !head.isKey(applicationServerKey)) throw new PushError("invalid-key");
      try {
        await ask(head);
      } catch (error) {
        refused = true;
        quietly(0 /* Look */);
        throw error;
      }
      refused = false;
      return reach(2 /* Subscribe */);
    },
    /** Refreshes now, and whenever something changes from outside. */
    watch() {
      if (obstacle(head)) return;
      const look = () => PERMISSIONS[permission()] === state.permission ? quietly(0 /* Look */) : refresh();
      addEventListener("focus", look);
      document.addEventListener("visibilitychange", look);
      addEventListener("online", refresh);
      listen("change", refresh);
      listen("told", refresh);
      navigator.permissions?.query({ name: "notifications" }).then((status) => status.addEventListener("change", refresh), () => {
      });
      quietly(1 /* Refresh */);
    },
    notifications,
    async close(tag) {
      const shown = await notifications(tag);
      for (const notification of shown) notification.close();
      return shown.length;
    },
    async badge(count) {
      await navigator.setAppBadge?.(count);
    },
    /** Until when the app's own question is not to be shown; `dismissed`: once more. */
    async priming(dismissed) {
      const scope = scopeOf(options);
      const read2 = async () => await get(scope).catch(() => {
      }) ?? self.memory;
      if (!dismissed) return (await read2()).until ?? 0;
      return alone(async () => {
        const record = await read2();
        record.dismissed = (record.dismissed ?? 0) + 1;
        record.until = Date.now() + head.primingWait(record.dismissed);
        self.memory = record;
        await put(scope, record).catch(() => {
        });
        return record.until;
      });
    }
  };
}
export {
  UNKNOWN,
  connect,
  environment,
  hands,
  listen,
  permission
};
