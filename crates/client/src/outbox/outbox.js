// Made by scripts/build.mjs from crates/npm/js/outbox: change it there.

// crates/npm/js/outbox/entry.ts
var OutboxError = class extends Error {
  /**
   * @param code `full`: a limit of the outbox is reached; `quota`: the browser gives no more room; `invalid`: it cannot
   * be stored or is no request; `unsupported`: this browser has no such thing; `denied`: the browser, or the person, said no
   */
  constructor(code, message, cause) {
    super(message, { cause });
    this.code = code;
  }
  code;
  name = "OutboxError";
};
var WEEK = 7 * 24 * 3600 * 1e3;
var MEMBERS = ["url", "method", "mode", "credentials", "cache", "redirect", "referrerPolicy", "integrity"];
var RANK = { high: 0, auto: 1, low: 2 };
var last = 0;
var take = () => last = Math.max(Date.now() * 1e3, last + 1);
async function ofRequest(input, init = {}) {
  const place = take();
  try {
    const body = init.body instanceof ReadableStream ? await new Response(init.body).arrayBuffer() : init.body;
    const request = new Request(input, { ...init, body });
    const stored = { headers: [...request.headers] };
    for (const name of MEMBERS) stored[name] = request[name];
    if (stored.mode === "navigate") stored.mode = "same-origin";
    const bytes = await request.arrayBuffer();
    if (bytes.byteLength) stored.body = bytes;
    return entry(init, place, bytes.byteLength + JSON.stringify(stored).length, { request: stored });
  } catch (cause) {
    throw new OutboxError("invalid", "not a request", cause);
  }
}
function ofJob(job) {
  const { type, data } = job;
  let size = 0;
  try {
    size = JSON.stringify(data)?.length ?? 0;
  } catch {
  }
  return entry(job, take(), size, { job: { type, data } });
}
function entry(options, place, size, what) {
  const { queue = "default", strict: strict2 = false, priority = "auto", lifetime = WEEK, attempts, timeout, delay } = options;
  const at = Date.now();
  return {
    id: `${RANK[priority] ?? 1}${place}-${crypto.randomUUID()}`,
    queue,
    strict: strict2,
    at,
    expires: at + lifetime,
    attempts: 0,
    size,
    ...attempts && { limit: attempts },
    ...timeout && { timeout },
    ...delay && { next: at + delay, hold: 2 },
    ...what
  };
}

// crates/npm/js/outbox/open.ts
var result = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
function open() {
  const request = indexedDB.open("tidings", 2);
  request.onupgradeneeded = () => {
    for (const name of ["kv", "outbox"]) {
      if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name);
    }
  };
  return result(request);
}

// crates/npm/js/outbox/store.ts
var PATIENCE = 4e3;
var PAUSE = 2e4;
var DEADLINE = 1e4;
var META = "meta";
var read = async (store) => ({ pending: 0, failed: 0, bytes: 0, ...await store.get(META) });
var keyOf = ({ reason, id }) => (reason ? "f" : "p") + id;
var count = (meta, { reason, size }, sign) => {
  meta[reason ? "failed" : "pending"] += sign;
  meta.bytes += sign * size;
};
var put = (store, meta, entry2) => (count(meta, entry2, 1), store.put(keyOf(entry2), entry2));
var take2 = (store, meta, entry2) => (count(meta, entry2, -1), store.delete(keyOf(entry2)));
var memory = /* @__PURE__ */ new Map();
var inMemory = {
  get: async (key) => memory.get(key),
  put: async (key, value) => memory.set(key, value),
  delete: async (key) => memory.delete(key),
  list: async (from, to, count2) => [...memory.keys()].filter((key) => key > from && key < to).sort().slice(0, count2).map((key) => memory.get(key))
};
var onlyInMemory = () => [...memory.values()].filter(({ id, reason }) => id && !reason);
function ended(entry2) {
  const waiting = memory.get(`p${entry2.id}`);
  if (!waiting) return;
  const meta = memory.get(META);
  void take2(inMemory, meta, waiting);
  if (entry2.reason) void put(inMemory, meta, entry2);
}
var onDisk = (store) => ({
  get: (key) => result(store.get(key)),
  put: (key, value) => result(store.put(value, key)),
  delete: (key) => result(store.delete(key)),
  list: (from, to, count2) => result(store.getAll(IDBKeyRange.bound(from, to, true, true), count2))
});
var opening;
var ready;
var again = 0;
var database = async () => ready ?? (performance.now() < again ? void 0 : opening ??= attempt().finally(() => opening = void 0));
async function attempt() {
  const opened2 = (async () => open())();
  const db = await Promise.race([opened2, new Promise((resolve) => setTimeout(resolve, PATIENCE))]).catch(() => {
  });
  if (!db) {
    again = performance.now() + PAUSE;
    opened2.then((db2) => db2.close(), () => {
    });
    return;
  }
  db.onversionchange = db.onclose = () => {
    db.close();
    ready = void 0;
  };
  ready = db;
  if (memory.size) await transact("readwrite", rescue).then(() => memory.clear(), () => {
  });
  return db;
}
async function rescue(store) {
  const meta = await read(store);
  for (const entry2 of memory.values()) {
    if (entry2.id && !await store.get(keyOf(entry2))) await put(store, meta, entry2);
  }
  await store.put(META, meta);
}
var storage = () => ready ? "disk" : "memory";
async function transact(mode, run, name = "outbox", durability) {
  for (let tries = 2; tries--; ) {
    let transaction;
    try {
      transaction = (await database())?.transaction(name, mode, { durability });
    } catch {
      ready = void 0;
      continue;
    }
    if (!transaction) break;
    const end = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    end.catch(() => {
    });
    const work = async () => {
      const value = await run(onDisk(transaction.objectStore(name)));
      await end;
      return value;
    };
    let [timer, late] = [];
    try {
      const hung = new Promise((_, reject) => {
        timer = setTimeout(() => reject(late = new DOMException("the database does not answer", "TimeoutError")), DEADLINE);
      });
      return await Promise.race([work(), hung]);
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        tries = 0;
      }
      if (!tries || error !== late) throw error;
      ready?.close();
      ready = void 0;
    } finally {
      clearTimeout(timer);
    }
  }
  return run(inMemory);
}

// crates/npm/js/outbox/tag.ts
var TAG = "tidings-outbox";

// crates/npm/js/outbox/queue.ts
var opened;
var heard = /* @__PURE__ */ new Set();
var channel = () => opened ??= new BroadcastChannel(TAG);
function announce(type, meta, entry2) {
  const event = { type, state: { ...meta, storage: storage() }, entry: entry2 && { ...entry2, request: entry2.request && { ...entry2.request, body: void 0 } } };
  try {
    channel().postMessage(event);
  } catch {
  }
  for (const hear of heard) hear(event);
}
async function state() {
  const meta = await transact("readonly", read);
  return { ...meta, storage: storage() };
}
var group = [];
var before = Promise.resolve();
var strict;
var change = (run, durability) => new Promise((resolve, reject) => {
  strict ??= durability;
  if (group.push([run, resolve, reject]) < 2) before = before.then(commit);
});
async function commit() {
  const [own, durability] = [group, strict];
  group = [];
  strict = void 0;
  try {
    const ends = await transact("readwrite", async (store) => {
      let meta = await read(store);
      const ends2 = [];
      for (const [run, resolve, reject] of own) {
        const after = { ...meta };
        try {
          await run(after, store);
          meta = after;
          ends2.push(() => resolve(after));
        } catch (error) {
          ends2.push(() => reject(error));
        }
      }
      await store.put(META, meta);
      return ends2;
    }, void 0, durability);
    for (const end of ends) end();
  } catch (error) {
    for (const [, , reject] of own) reject(error);
  }
}
async function insert(entry2, { maxEntries = 1e4, maxBytes = 5e7 }) {
  try {
    const meta = await change(async (meta2, store) => {
      if (await store.get(`p${entry2.id}`)) return;
      if (meta2.pending + meta2.failed >= maxEntries || meta2.bytes + entry2.size > maxBytes) {
        throw new OutboxError("full", "the outbox is full");
      }
      await put(store, meta2, entry2);
    }, "strict");
    announce("added", meta, entry2);
    return entry2;
  } catch (error) {
    const { name } = Object(error);
    if (name === "OutboxError") throw error;
    const code = name === "QuotaExceededError" ? "quota" : name === "DataCloneError" ? "invalid" : "unknown";
    throw new OutboxError(code, "not stored; see the cause", error);
  }
}
var list = (from, to, count2) => transact("readonly", (store) => store.list(from, to, count2));

// crates/npm/js/outbox/edit.ts
var BATCH = 64;
async function entries(which, { after = "", count: count2 = 100 } = {}) {
  const prefix = which === "failed" ? "f" : "p";
  return list(prefix + after, next(prefix), count2);
}
var retry = (id) => edit(id, (entry2) => {
  const { next: next2, tried, hold, reason, response, ...rest } = entry2;
  const now = Date.now();
  return { ...rest, attempts: 0, expires: reason === "expired" ? now + (entry2.expires - entry2.at) : entry2.expires };
});
var discard = (id) => edit(id, () => void 0);
var next = (prefix) => String.fromCharCode(prefix.charCodeAt(0) + 1);
async function edit(id, update) {
  let edited = 0;
  for (; ; ) {
    let more = 0;
    const meta = await change(async (meta2, store) => {
      const found = id === void 0 ? await store.list("f", "g", BATCH) : [await store.get(`f${id}`), await store.get(`p${id}`)].filter(Boolean);
      for (const entry2 of found) {
        const becomes = update(entry2);
        await take2(store, meta2, entry2);
        if (becomes) await put(store, meta2, becomes);
      }
      more = found.length;
    });
    edited += more;
    if (id !== void 0 || more < BATCH) {
      announce("moved", meta);
      return edited;
    }
  }
}

// crates/npm/js/outbox/page.ts
var REMIND = 15e3;
var DAILY = 12 * 36e5;
function createOutbox({ scope, ...limits } = {}) {
  const ending = new AbortController();
  const own = /* @__PURE__ */ new Set();
  let timer;
  const registration = async () => {
    const { serviceWorker } = navigator;
    return await serviceWorker?.getRegistration(scope) ?? serviceWorker?.ready;
  };
  let asking = false;
  const ask = async (eager, port) => {
    if (asking && !eager) return;
    asking = true;
    const registered = await registration().finally(() => asking = false);
    const worker = registered?.active ?? registered?.waiting ?? registered?.installing;
    worker?.postMessage({ tidings: "outbox", eager, entries: onlyInMemory() }, port ? [port] : []);
  };
  let arming;
  let armedToo = false;
  const arm = () => {
    if (arming) return void (armedToo = true);
    armedToo = false;
    arming = registration().then((registered) => Promise.allSettled([registered?.sync?.register(TAG), registered?.periodicSync?.register(TAG, { minInterval: DAILY })])).catch(() => {
    }).then(() => {
      arming = void 0;
      if (armedToo) arm();
    });
  };
  const hear = (event) => {
    const { type, entry: entry2 } = event;
    if (entry2 && (type === "done" || type === "failed")) ended(entry2);
    for (const listener of own) listener(event);
    remind(event.state);
  };
  const remind = (state2) => {
    if (timer || !state2.pending || ending.signal.aborted) return;
    const wait = Math.min(Math.max((state2.next ?? 0) - Date.now(), REMIND), 2 ** 31 - 1) + Math.random() * 1e3;
    timer = setTimeout(async () => {
      timer = void 0;
      await ask(0);
      remind(await current());
    }, wait);
  };
  const heardFar = ({ data }) => hear(data);
  heard.add(hear);
  channel().addEventListener("message", heardFar);
  const current = state;
  const start = async (eager) => {
    const now = await current();
    if (!now.pending) return;
    remind(now);
    arm();
    await ask(eager);
  };
  const again2 = (eager) => void start(eager).catch(() => {
  });
  const { signal } = ending;
  addEventListener("online", () => again2(1), { signal });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && again2(0), { signal });
  again2(0);
  const add = async (making) => {
    const entry2 = await insert(await making, limits);
    arm();
    void ask(0).catch(() => {
    });
    return entry2;
  };
  const edited = async (editing) => {
    const count2 = await editing;
    if (count2) again2(0);
    return count2;
  };
  return {
    fetch: (input, init) => add(ofRequest(input, init)),
    add: (job) => add(ofJob(job)),
    state,
    entries,
    retry: (id) => edited(retry(id)),
    discard,
    async flush() {
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise((resolve) => port1.onmessage = resolve);
      if (await navigator.serviceWorker?.getRegistration(scope)) {
        await ask(2, port2);
        await answer;
      }
      port1.close();
      return state();
    },
    on(listener) {
      own.add(listener);
      return () => void own.delete(listener);
    },
    close() {
      ending.abort();
      clearTimeout(timer);
      heard.delete(hear);
      channel().removeEventListener("message", heardFar);
    }
  };
}
var registerSync = (tag, interval) => managed(interval !== void 0, (manager) => manager.register(tag, ...interval === void 0 ? [] : [{ minInterval: interval }]));
var syncTags = (periodic = false) => managed(periodic, (manager) => manager.getTags());
var unregisterPeriodicSync = (tag) => managed(true, (manager) => manager.unregister(tag));
async function managed(periodic, use) {
  const registration = await navigator.serviceWorker?.ready;
  const manager = registration?.[periodic ? "periodicSync" : "sync"];
  if (!manager) throw new OutboxError("unsupported", "this browser has no background sync");
  try {
    return await use(manager);
  } catch (cause) {
    throw new OutboxError("denied", "the browser does not allow background sync; see the cause", cause);
  }
}
export {
  OutboxError,
  createOutbox,
  registerSync,
  syncTags,
  unregisterPeriodicSync
};
