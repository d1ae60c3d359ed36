// Waiting without guessing: every wait is bounded, and says what it waited for.
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Calls `fn` until it gives something truthy, and returns that.
 * What `fn` throws on the way counts as "not yet"; the last error is the cause of the timeout.
 *
 * @template T
 * @param {() => T | Promise<T>} fn
 * @param {{ timeout?: number, every?: number, what?: string }} [options] in milliseconds
 * @returns {Promise<NonNullable<Awaited<T>>>}
 */
export async function eventually(fn, { timeout = 10_000, every = 50, what = String(fn) } = {}) {
  const end = performance.now() + timeout;
  let last;
  let cause;
  for (;;) {
    try {
      last = await within(fn(), Math.max(end - performance.now(), every), what);
      cause = undefined;
      if (last) return /** @type {any} */ (last);
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= end) {
      const seen = cause ? `last error: ${/** @type {any} */ (cause).message ?? cause}` : `last value: ${inspect(last)}`;
      throw new Error(`not within ${timeout} ms: ${what} (${seen})`, { cause });
    }
    await delay(every);
  }
}

/**
 * `promise`, but no longer than `ms`.
 *
 * @template T
 * @param {T | Promise<T>} promise
 * @param {number} ms
 * @param {string} what named in the error
 * @returns {Promise<T>}
 */
export async function within(promise, ms, what) {
  const stop = new AbortController();
  try {
    return await Promise.race([
      promise,
      delay(ms, undefined, { signal: stop.signal }).then(() => {
        throw new Error(`no answer within ${Math.round(ms)} ms: ${what}`);
      }),
    ]);
  } finally {
    stop.abort();
  }
}

/**
 * True when `check` stays true for `ms`: for "exactly one" and "nothing more comes".
 * There is no event for something that does not happen, so this one has to watch the clock.
 *
 * @param {() => boolean | Promise<boolean>} check
 * @param {number} [ms]
 */
export async function stays(check, ms = 500) {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    if (!(await check())) return false;
    await delay(Math.min(25, ms));
  }
  return check();
}

const inspect = (/** @type {unknown} */ value) => {
  try {
    return JSON.stringify(value)?.slice(0, 300) ?? String(value);
  } catch {
    return String(value);
  }
};
