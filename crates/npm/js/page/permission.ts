// The permission to notify is asked for here and nowhere else.

import { permission, userAgent } from './environment.js';
import { CODES, PushError } from './error.js';
import type { Head } from './head.js';

let asking: Promise<void> | undefined;

/** Asks, if it has not been decided yet: once for all who want to know at the same time. Rejects unless it is granted. */
export function ask(head: Head): Promise<void> {
  return (asking ??= question(head).finally(() => (asking = undefined)));
}

async function question(head: Head): Promise<void> {
  const undecided = permission() === 0;
  const since = performance.now();
  if (undecided) {
    // A browser that wants a gesture answers for the person without one, and may remember that.
    if (head.needsGesture(userAgent()) && navigator.userActivation?.isActive === false) throw new PushError('needs-gesture');
    await Notification.requestPermission();
  }
  // The answer itself may lie: Safari says "denied" where it did not ask.
  if (permission() !== 1) throw new PushError(CODES[head.refusal(permission(), undecided, performance.now() - since)]!);
}
