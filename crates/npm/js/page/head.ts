// The decisions, all in Rust: crates/core/src/head.rs. They take and give plain values and never wait.

/** What decides; what is decided is carried out by the other files of this folder. */
export interface Head {
  /** The number of the next step, see {@link STEPS}. */
  next(goal: number, facts: number): number;
  /** Whether a run goes on after this step has failed; as all that is said to be a boolean here, it may be 0 or 1. */
  mayFail(step: number): boolean;
  /** The subscription in one word, see {@link SUBSCRIPTIONS}. */
  subscription(facts: number): number;
  /** The code of a step that failed, see CODES. */
  failure(step: number, name: string, status: number, permission: number): number;
  /** The code of a permission that was not given; `unseen`: the browser's question took no focus. */
  refusal(permission: number, asked: boolean, milliseconds: number, unseen: boolean): number;
  /** The code of what hinders push, -1 if nothing does. */
  obstacle(userAgent: string, facts: number): number;
  needsGesture(userAgent: string): boolean;
  /** The name of this device, for people. */
  label(userAgent: string, touch: boolean): string;
  /** Whether this is an `applicationServerKey`. */
  isKey(key: string): boolean;
  /** Whether both are the same key. */
  isSameKey(key: string, bytes: Uint8Array): boolean;
  /** How long to wait before the next upload, in milliseconds. */
  uploadWait(failures: number, retryAfter: number, random: number): number;
  /** How long not to show the app's own question again, in milliseconds. */
  primingWait(dismissals: number): number;
}

/** What an app asks for; `Goal` in crates/core/src/lifecycle.rs. */
export const enum Goal {
  Look,
  Refresh,
  Subscribe,
  Unsubscribe,
}

/** `Step` in crates/core/src/lifecycle.rs. */
export const STEPS = [
  'read', 'ask', 'find', 'register', 'activate', 'look', 'note-wanted', 'note-old', 'note-end', 'end', 'subscribe', 'upload',
  'delete', 'commit', 'done',
] as const;
export type Step = (typeof STEPS)[number];

/** The words of `Facts::subscription` in crates/core/src/lifecycle.rs. */
export const SUBSCRIPTIONS = ['unknown', 'none', 'unsaved', 'saved', 'stale', 'expiring'] as const;

/** `Permission` in crates/core/src/lifecycle.rs. */
export const PERMISSIONS = ['default', 'granted', 'denied'] as const;

/** `Worker` in crates/core/src/lifecycle.rs. */
export const WORKERS = ['none', 'waiting', 'active'] as const;
