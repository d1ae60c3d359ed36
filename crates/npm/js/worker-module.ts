// `tidings/worker`: for bundlers and module workers.

export { OutboxError } from './outbox/entry';
export type { EntryOptions, Job, OutboxEntry, OutboxResponse } from './outbox/entry';
export type { OutboxState } from './outbox/queue';
export { outbox } from './outbox/worker';
export { listen } from './worker/listen';
export type { PushChange, PushMessage, WorkerClick, WorkerClose, WorkerJob, WorkerOptions } from './worker/options';
