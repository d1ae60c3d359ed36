// `tidings/react`: React 18 or newer. What it adds to `useSyncExternalStore(push.subscribeState, push.getState)`: a server
// and the page it is hydrated into agree on what is not known yet, and events that end with their component.

import { useEffect, useRef, useSyncExternalStore } from 'react';
import { hear, UNKNOWN } from './hook.js';
import type { Events, Push, State } from './page/types.js';

const unknown = () => UNKNOWN;

/**
 * The state of `push`: the component renders again whenever it changes. While a server renders, and in the first render of a
 * page that it has rendered, the state is unknown.
 *
 * @example
 * const { subscription, reason } = usePush(push);
 */
export function usePush(push: Push): State {
  return useSyncExternalStore(push.subscribeState, push.getState, unknown);
}

/**
 * Calls back for each event as long as the component is mounted: always the listener of the last render. Nothing is heard
 * where there can be no worker.
 *
 * @example
 * usePushEvent(push, 'click', ({ url }) => navigate(url));
 */
export function usePushEvent<Type extends keyof Events>(push: Push, type: Type, listener: (event: Events[Type]) => void): void {
  const last = useRef(listener);
  useEffect(() => {
    last.current = listener;
  });
  useEffect(() => hear(push, type, (event) => last.current(event)), [push, type]);
}
