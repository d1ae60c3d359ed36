// `tidings/svelte`: the state as what Svelte calls a store, in any version of it, and without importing Svelte.

import { hear } from './hook.js';
import type { Events, Push, State } from './page/types.js';

/** What Svelte calls a readable store. */
export interface PushStore {
  /** Calls back with the state at once, and whenever it has changed; returns the function that ends it. */
  subscribe(run: (state: State) => void): () => void;
}

/**
 * The state of `push` as a store: `$state` in a component, `fromStore(state).current` for runes.
 *
 * @example
 * const state = pushState(push); // in the markup: $state.subscription
 */
export function pushState(push: Push): PushStore {
  return {
    subscribe(run) {
      run(push.getState());
      return push.subscribeState(() => run(push.getState()));
    },
  };
}

/**
 * Calls back for each event; returns the function that ends it, as `$effect` and `onMount` want it. Nothing is heard where
 * there can be no worker.
 *
 * @example
 * $effect(() => onPush(push, 'click', ({ url }) => goto(url)));
 */
export function onPush<Type extends keyof Events>(push: Push, type: Type, listener: (event: Events[Type]) => void): () => void {
  return hear(push, type, listener);
}
