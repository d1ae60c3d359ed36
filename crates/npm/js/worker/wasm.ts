// The Rust side of the worker: decisions on plain values, all synchronous. Started by the first one.

// By name, so that the rest of the glue is left out.
import { choose, click, finish, initSync, judge, plan, turn } from '#glue';
import module from '#wasm';
import type { PushMessage } from './options';

const decisions = { choose, click, finish, judge, plan, turn };

let failed: unknown;
let started = false;

/** Runs `decide`. Throws if the WASM cannot start (CSP, memory) or has trapped: it must not be used again. */
export function rust<T>(decide: (module: typeof decisions) => T): T {
  if (failed) throw failed;
  try {
    if (!started) initSync({ module: module() });
    started = true;
    return decide(decisions);
  } catch (error) {
    // What an app's object throws when it is read passes through; a trap, or no start, is the end.
    if (!started || error instanceof WebAssembly.RuntimeError) failed = error;
    throw error;
  }
}

/** What `plan` in crates/client/src/worker/plan.rs decides: the message, and what else is to be done. */
export interface Plan extends PushMessage {
  badge?: number;
  retract?: unknown;
  refresh?: string[];
  receipts?: string;
}

/** What `click` in crates/client/src/worker/click.rs decides. */
export interface ClickPlan {
  url: string;
  policy: 'focus' | 'navigate' | 'open' | 'request';
  all: boolean;
  data?: unknown;
  id?: string;
  receipts?: string;
}
