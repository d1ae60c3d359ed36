// `tidings/outbox`: an entry of its own, so that a page pays for it only if it uses it.

export { OutboxError } from './outbox/entry';
export type { EntryOptions, Job, OutboxEntry, OutboxResponse } from './outbox/entry';
export { createOutbox, registerSync, syncTags, unregisterPeriodicSync } from './outbox/page';
export type { Outbox, OutboxOptions } from './outbox/page';
export type { Limits, OutboxEvent, OutboxState } from './outbox/queue';
