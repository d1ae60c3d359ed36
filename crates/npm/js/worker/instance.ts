// The app's WASM: started ahead of the first event, or by it, and started afresh by the next one after a panic. A Rust
// program that has panicked must not be used again, and its hooks are the app's: they do panic.

import decode from '#decode';
import { isMain } from './main';
import type { WorkerOptions } from './options';
import type { rust as Rust } from './wasm';

declare const self: ServiceWorkerGlobalScope;

/** What `tidings::export_worker!` exports, in the form that wasm-bindgen gives it. */
interface Exports {
  initSync(source: { module: WebAssembly.Module }): unknown;
  tidings_options(): WorkerOptions;
  tidings_plan: any;
  tidings_finish: any;
  tidings_click: any;
  tidings_choose: any;
  tidings_turn: any;
  tidings_judge: any;
}

// crates/cli/src/worker/pack.rs puts these around this script.
/** Evaluates the glue of wasm-bindgen, which is good for one instance. */
declare const glue: () => Exports;
/** The inlined bytes, a character each. */
declare const packed: string;

interface Instance {
  exports: Exports;
  /** Rejects when the instance has panicked. */
  panicked: Promise<never>;
  panic(error: unknown): void;
  options?: WorkerOptions;
}

let module: WebAssembly.Module | undefined;
let instance: Instance | undefined;
/** Why WASM cannot start here: that is tried once. */
let blocked: unknown;

function started(): Instance {
  if (instance) return instance;
  if (blocked) throw blocked;
  try {
    module ??= new WebAssembly.Module(decode(packed));
    const exports = glue();
    exports.initSync({ module });
    let panic = (_: unknown) => {};
    const panicked = new Promise<never>((_, reject) => (panic = reject));
    panicked.catch(() => {});
    return (instance = { exports, panicked, panic });
  } catch (error) {
    console.error('[tidings]', error);
    throw (blocked = error);
  }
}

/** Lets the next event have a fresh instance. */
function end(error: unknown): void {
  if (!instance) return;
  console.error('[tidings]', error);
  instance.panic(error);
  instance = undefined;
}

const isPanic = (error: unknown) => error instanceof WebAssembly.RuntimeError;

/** Runs `decide`. Throws if the WASM cannot start (CSP, memory) or panics. */
export const rust: typeof Rust = (decide) => {
  try {
    const { tidings_plan: plan, tidings_finish: finish, tidings_click: click, tidings_choose: choose, tidings_turn: turn, tidings_judge: judge } =
      started().exports;
    return decide({ plan, finish, click, choose, turn, judge } as any);
  } catch (error) {
    end(error);
    throw error;
  }
};

/** What the app's `configure` wants; where it cannot be asked, a plain notification for each push. */
export function options(): WorkerOptions {
  try {
    const current = started();
    return (current.options ??= guarded(current, current.exports.tidings_options()));
  } catch (error) {
    end(error);
    // Where other listeners may be, only what is surely ours is shown without being asked: ./plain.ts.
    return { isMain } as WorkerOptions;
  }
}

/** Sees to it that a hook that panics is the last thing its instance does, and that nobody waits for it any more. */
function guarded(owner: Instance, given: any): WorkerOptions {
  for (const [name, hook] of Object.entries(given)) {
    if (typeof hook !== 'function') continue;
    given[name] = (...args: unknown[]) => {
      if (owner !== instance) {
        // Of a panic the next instance hears.
        if (name === 'onError') return (options() as any).onError?.(...args);
        throw new Error('a panic has ended this instance');
      }
      try {
        const answer = hook(...args);
        return answer instanceof Promise ? Promise.race([answer, owner.panicked]) : answer;
      } catch (error) {
        if (isPanic(error)) end(error);
        throw error;
      }
    };
  }
  return given;
}

// A hook that takes time panics where nobody catches it.
const watch = (error: unknown) => void (isPanic(error) && end(error));
self.addEventListener('error', (event: any) => watch(event.error));
self.addEventListener('unhandledrejection', ({ reason }) => watch(reason));
