// The permission to notify is asked for here and nowhere else.

import { permission, userAgent } from './environment.js';
import { CODES, PushError } from './error.js';
import type { Head } from './head.js';

/** The lock of the page whose question the person sees. */
const LOCK = 'tidings-question';

/**
 * How long Chromium may take to show its question, in milliseconds. It answers for the person after 1 to 2 seconds, so that a
 * page cannot tell that it showed none; and never, where it has done so in this page before.
 */
const SHOWN = 3000;

let asking: Promise<void> | undefined;

/** Asks, if it has not been decided yet: once for all who want to know at the same time. Rejects unless it is granted. */
export function ask(head: Head): Promise<void> {
  return (asking ??= question(head).finally(() => (asking = undefined)));
}

async function question(head: Head): Promise<void> {
  let now = permission();
  const since = performance.now();
  let mine = false;
  let unseen = false;
  if (now === 0) {
    const gesture = head.needsGesture(userAgent());
    // A browser that wants a gesture answers for the person without one, and may remember that.
    if (gesture && navigator.userActivation?.isActive === false) throw new PushError('needs-gesture');
    // In Chromium with windows, the question takes the focus from the page, and the crossed bell in its place does not.
    unseen = !gesture && !userAgent().includes('Android') && document.hasFocus();
    const blur = () => (unseen = false);
    addEventListener('blur', blur);
    mine = await request(() => unseen).finally(() => removeEventListener('blur', blur));
    now = permission();
  }
  // The answer itself may lie: Safari says "denied" where it did not ask.
  if (now !== 1) throw new PushError(CODES[head.refusal(now, mine, performance.now() - since, unseen)]!);
}

/** Shows the browser's question, and waits for its answer, or until it is clear that nobody sees it; `false` if it was another tab's. */
async function request(unseen: () => boolean): Promise<boolean> {
  const { locks } = navigator;
  let answer: Promise<unknown> | undefined;
  const show = (lock?: unknown) => {
    if (lock === null) return;
    const quiet = new Promise<void>((resolve) => setTimeout(() => unseen() && resolve(), SHOWN));
    answer = Promise.race([Notification.requestPermission(), quiet]);
    // A question in a tab that the person has left keeps no other tab from asking.
    return Promise.race([answer, new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))]);
  };
  await (locks ? locks.request(LOCK, { ifAvailable: true }, show) : show());
  if (!answer) await locks.request(LOCK, () => {});
  await answer;
  return !!answer;
}
