// `tidings/vue`: Vue 3.2 or newer. The state as a ref, and what a component listens to ends with it.

import { onScopeDispose, shallowRef, type ShallowRef } from 'vue';
import { hear } from './hook.js';
import type { Events, Push, State } from './page/types.js';

/** A server renders once, and nothing tells it when a component is gone. */
const rendersOnce = () => typeof document !== 'object';

/**
 * The state of `push` as a ref, until the component, or the effect scope, that called it ends.
 *
 * @example
 * const state = usePush(push); // in the template: state.subscription
 */
export function usePush(push: Push): Readonly<ShallowRef<State>> {
  const state = shallowRef(push.getState());
  if (rendersOnce()) return state;
  onScopeDispose(push.subscribeState(() => (state.value = push.getState())));
  return state;
}

/**
 * Calls back for each event, until the component, or the effect scope, that called it ends. Nothing is heard where there can
 * be no worker.
 *
 * @example
 * usePushEvent(push, 'click', ({ url }) => router.push(url));
 */
export function usePushEvent<Type extends keyof Events>(push: Push, type: Type, listener: (event: Events[Type]) => void): void {
  if (!rendersOnce()) onScopeDispose(hear(push, type, listener));
}
