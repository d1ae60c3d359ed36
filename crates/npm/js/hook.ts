// What the hooks of all frameworks share.

import type { Events, Push } from './page/types.js';

/**
 * Listens as long as a component lives. Where there can be no worker there is nothing to hear, and the state says why: a
 * component must not fail for that.
 */
export function hear<Type extends keyof Events>(push: Push, type: Type, listener: (event: Events[Type]) => void): () => void {
  try {
    return push.on(type, listener);
  } catch (error) {
    if ((error as Error).name !== 'PushError') throw error;
    return () => {};
  }
}

/** What is known before anybody has looked: what a server renders. */
export { UNKNOWN } from './page/unknown.js';
