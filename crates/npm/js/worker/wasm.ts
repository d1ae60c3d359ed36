// The Rust side of the worker: decisions on plain values, all synchronous. Started ahead of the first one, or by it.

import module from '#wasm';
import type { PushMessage } from './options';
import { decisions, start } from './values';

let failed: unknown;
let started = false;

/** Runs `decide`. Throws if the WASM cannot start (CSP, memory) or has trapped: it must not be used again. */
export function rust<T>(decide: (module: typeof decisions) => T): T {
  if (failed) throw failed;
  try {
    if (!started) start(module());
    started = true;
    return decide(decisions);
  } catch (error) {
    // What an app's object throws when it is read passes through; a trap, or no start, is the end.
    if (!started || error instanceof WebAssembly.RuntimeError) failed = error;
    throw error;
  }
}

/** What `plan` in crates/core/src/decide.rs decides: the message, and what else is to be done. */
export interface Plan extends PushMessage {
  badge?: number;
  retract?: unknown;
  refresh?: string[];
  receipts?: string;
}

/** What `click` there decides. */
export interface ClickPlan {
  url: string;
  policy: 'focus' | 'navigate' | 'open' | 'request';
  all: boolean;
  data?: unknown;
  id?: string;
  receipts?: string;
}
