// The values that the WASM of the worker decides on: it sees their numbers in a list, see crates/npm/src/handle.rs.
//
// The build shortens the names in `imports`, and those that `wasm` exports, here and in the module together.

import { text } from '#wasm';

/** How far the text of the module stands in its bytes from where it is in its memory; scripts/build.mjs puts the number in. */
declare const SHIFT: number;

/** What the module exports: functions of numbers. */
let wasm: any;
/** The values of the decision under way; the first one is none. */
let values: any[] = [];

const put = (value: unknown): number => values.push(value) - 1;
const some = (value: unknown): number => (value === undefined ? 0 : put(value));
/** A name by its address in the module's memory. It is a constant in ASCII, so it is read where it comes from: in the bytes. */
const name = (start: number, length: number): string => text.substr(start + SHIFT, length);

/** As `Kinds` in crates/core/src/value.rs; 0 is nothing. Asked often, and in a cold worker interpreted: no object is made. */
const kind = (value: any): number => {
  const type = typeof value;
  if (type === 'string') return 1;
  if (type === 'number') return 32;
  if (type === 'boolean') return value ? 8 : 16;
  if (type !== 'object' || !value) return value === undefined ? 0 : 64;
  return Array.isArray(value) ? 4 : 2;
};

// What is returned becomes a number there, nothing and `false` 0; or is dropped, where none is expected.
const imports = {
  is: (value: number, kinds: number) => kind(values[value]) & kinds,
  number: (value: number) => (kind(values[value]) === 32 ? values[value] : NaN),
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
  get: (object: number, start: number, length: number, kinds: number) => {
    if (kind(values[object]) !== 2) return 0;
    const value = values[object][name(start, length)];
    return kind(value) & kinds && put(value);
  },
  named: (object: number, key: number) => kind(values[object]) === 2 && some(values[object][values[key]]),
  set: (object: number, start: number, length: number, value: number) => value && (values[object][name(start, length)] = values[value]),
  set_named: (object: number, key: number, value: number) => (values[object][values[key]] = values[value]),
  remove: (object: number, start: number, length: number) => delete values[object][name(start, length)],
  assign: (object: number, source: number) => Object.assign(values[object], values[source]),
  list: () => put([]),
  length: (list: number) => (kind(values[list]) === 4 ? values[list].length : -1),
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
