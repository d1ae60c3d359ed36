// What goes wrong, as a code that never changes.

/** `Code` in crates/core/src/error.rs, in the same order; a test compares them. */
export const CODES = [
  'insecure-context', 'no-service-worker', 'no-push', 'needs-install', 'in-iframe', 'private-mode', 'webview',
  'needs-gesture', 'permission-denied', 'permission-dismissed', 'permission-quiet', 'invalid-key', 'key-mismatch',
  'worker-failed', 'worker-timeout', 'push-service-unavailable', 'server-unavailable', 'server-refused', 'user-refused',
  'unknown', 'wasm-unavailable',
] as const;

/** The codes of {@link PushError}. They never change. */
export type PushErrorCode = (typeof CODES)[number];

/** Why push is not possible in a page at all. */
export type Obstacle = Extract<
  PushErrorCode,
  'insecure-context' | 'no-service-worker' | 'no-push' | 'needs-install' | 'in-iframe' | 'private-mode' | 'webview' | 'wasm-unavailable'
>;

/** What a server answered: the `cause` of `server-refused` and `user-refused`. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  /** What the server asked for in `Retry-After`, in milliseconds; 0 if nothing. */
  readonly retryAfter: number;
}

interface PushErrorOf<Code extends PushErrorCode, Cause> extends Error {
  readonly name: 'PushError';
  readonly code: Code;
  readonly cause?: Cause;
}

/** What went wrong: match on `code`; `cause` is the browser's own error, or what the server said. */
export type PushError =
  | PushErrorOf<'server-refused' | 'user-refused', Refusal>
  | PushErrorOf<Exclude<PushErrorCode, 'server-refused' | 'user-refused'>, unknown>;

/** The class of all errors of this package; the README explains each code. */
export const PushError = class PushError extends Error {
  override readonly name = 'PushError';

  constructor(
    readonly code: PushErrorCode,
    cause?: unknown,
  ) {
    super(`${code}, see https://github.com/tidings-push/tidings#error-codes`, { cause });
  }
} as unknown as new (code: PushErrorCode, cause?: unknown) => PushError;
