// `tidings/worker`: for bundlers and module workers.

export { listen } from './worker/listen';
export type { PushChange, PushMessage, WorkerClick, WorkerClose, WorkerOptions } from './worker/options';
