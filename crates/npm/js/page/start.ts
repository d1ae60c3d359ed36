// The module that decides: numbers go in and out of it, and texts through a place in its memory, see crates/npm/src/text.rs.

import type { Head } from './head.js';

/** How many bytes that place has; crates/npm/src/text.rs has the same. */
const ROOM = 4096;

/** Starts the module. Its exports have the names of {@link Head}; where one is not called as it is, it is told here how. */
export function start(module: WebAssembly.Module): Head {
  const wasm: any = new WebAssembly.Instance(module).exports;
  // The memory never grows.
  const room = new Uint8Array(wasm.memory.buffer, wasm.room(), ROOM);
  /** Puts a text where it is read, as much of it as there is room for; how many bytes it has. */
  const text = (text: string, behind = 0) => new TextEncoder().encodeInto(text, room.subarray(behind)).written;
  return {
    ...wasm,
    failure: (step, name, status, permission) => wasm.failure(step, text(name), status, permission),
    obstacle: (userAgent, facts) => wasm.obstacle(text(userAgent), facts),
    needsGesture: (userAgent) => wasm.needsGesture(text(userAgent)),
    label: (userAgent, touch) => String.fromCharCode(...room.subarray(0, wasm.label(text(userAgent), touch))),
    isKey: (key) => wasm.isKey(text(key)),
    isSameKey(key, bytes) {
      room.set(bytes);
      return wasm.isSameKey(bytes.length, text(key, bytes.length));
    },
  };
}
