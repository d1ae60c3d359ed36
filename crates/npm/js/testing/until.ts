// Waiting without guessing: bounded, and with the last thing seen in the error.

import { setTimeout as delay } from 'node:timers/promises';

/** How long to wait, and for what. */
export interface UntilOptions {
  /** In milliseconds. Default: 10 000. */
  timeout?: number;
  /** What is waited for, in the error's words. */
  what?: string;
}

/**
 * Calls `check` until it gives something truthy, and gives that. What it throws on the way counts as "not yet": a page
 * that navigates, an element that is not there.
 *
 * @example
 * const clicks = await until(() => page.evaluate(() => window.clicks));
 */
export async function until<T>(check: () => T | PromiseLike<T>, { timeout = 10_000, what = String(check) }: UntilOptions = {}): Promise<NonNullable<T>> {
  const end = Date.now() + timeout;
  for (;;) {
    let seen: string;
    let cause: unknown;
    try {
      const value = await check();
      if (value) return value;
      seen = `the last value was ${String(JSON.stringify(value)).slice(0, 300)}`;
    } catch (error) {
      cause = error;
      seen = `the last error was ${error}`;
    }
    if (Date.now() >= end) throw new Error(`not within ${timeout} ms: ${what}; ${seen}`, { cause });
    await delay(25);
  }
}
