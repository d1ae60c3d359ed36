// The values that the WASM of the worker decides on: it sees their numbers in a list, see crates/npm/src/handle.rs.
//
// The build shortens the names in `imports`, and those that `wasm` exports, here and in the module together.

/** What the module exports: functions of numbers, and its memory. */
let wasm: any;
/** The values of the decision under way; the first one is none. */
let values: any[] = [];
/** The names that the module has asked for, by where they stand in its memory: they are constants. */
const names: Record<number, string> = {};

const put = (value: unknown): number => values.push(value) - 1;
const some = (value: unknown): number => (value === undefined ? 0 : put(value));
/** A name from the module's memory, in ASCII. */
const name = (start: number, length: number): string =>
  (names[start * 64 + length] ??= String.fromCharCode(...new Uint8Array(wasm.memory.buffer, start, length)));

/** As `Kind` in crates/npm/src/handle.rs. */
const kind = (value: any): number | undefined =>
  ({ string: 1, number: 6, boolean: value ? 4 : 5, object: value ? (Array.isArray(value) ? 3 : 2) : 0 } as Record<string, number>)[typeof value];

// What is returned becomes a number there, nothing and `false` 0; or is dropped, where none is expected.
const imports = {
  kind: (value: number) => kind(values[value]),
  number: (value: number) => values[value],
  of_number: put,
  of_text: (start: number, length: number) => put(name(start, length)),
  of_bool: (flag: number) => put(!!flag),
  equal: (one: number, other: number) => values[one] === values[other],
  garbled: (text: number) => values[text].includes('\ufffd'),
  starts: (text: number, start: number) => values[text].startsWith(values[start]),
  before: (text: number, start: number, length: number, nth: number) =>
    put(values[text].split(name(start, length), nth).join(name(start, length))),
  resolve: (url: number, base: number) => {
    try {
      // `new URL` would make text of anything.
      if (kind(values[url]) === 1) return put(new URL(values[url], values[base]).href);
    } catch {
      // No URL.
    }
  },
  object: () => put({}),
  get: (object: number, start: number, length: number) => some(values[object][name(start, length)]),
  named: (object: number, key: number) => kind(values[object]) === 2 && some(values[object][values[key]]),
  set: (object: number, start: number, length: number, value: number) => (values[object][name(start, length)] = values[value]),
  set_named: (object: number, key: number, value: number) => (values[object][values[key]] = values[value]),
  remove: (object: number, start: number, length: number) => delete values[object][name(start, length)],
  assign: (object: number, source: number) => Object.assign(values[object], values[source]),
  list: () => put([]),
  length: (list: number) => values[list].length,
  at: (list: number, index: number) => put(values[list][index]),
  push: (list: number, value: number) => values[list].push(values[value]),
};

/** Starts the module. */
export function start(bytes: BufferSource): void {
  wasm = new WebAssembly.Instance(new WebAssembly.Module(bytes), { '#values': imports }).exports;
}

/** What a decision comes to, of which the module gives the number. */
function decided(decision: () => number): any {
  values = [undefined];
  try {
    return values[decision()];
  } finally {
    values = [];
  }
}

/** The decisions, as crates/core/src/decide.rs describes them. */
export const decisions = {
  plan: (payload: unknown, isText: boolean, all: boolean, options: unknown, scope: string, now: number) =>
    decided(() => wasm.plan(some(payload), isText, all, put(options), put(scope), now)),
  finish: (plan: unknown, change: unknown, scope: string, maxActions: number) =>
    decided(() => wasm.finish(put(plan), put(change), put(scope), maxActions)),
  click: (data: unknown, action: string, scope: string, origins: unknown) =>
    decided(() => wasm.click(put(data), put(action), put(scope), put(origins))),
  choose: (policy: string, url: string, scope: string, windows: string[]): number =>
    decided(() => put(wasm.choose(put(policy), put(url), put(scope), put(windows)))),
  turn: (entry: unknown, lane: string | undefined, now: number, eager: number): number =>
    decided(() => put(wasm.turn(put(entry), put(lane), now, eager))),
  judge: (entry: unknown, status: number, seconds: number, date: number, now: number, random: number) =>
    decided(() => wasm.judge(put(entry), status, seconds, date, now, random)),
};
