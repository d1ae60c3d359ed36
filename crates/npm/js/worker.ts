// `dist/worker.js`: the whole worker of an app, or an addition to another by `importScripts`. Options are in
// `self.TIDINGS`, set before this script is loaded.

import { outbox } from './outbox/worker';
import { startAhead } from './worker/ahead';
import { listen } from './worker/listen';
import { isMain, takeOver } from './worker/main';
import type { WorkerOptions } from './worker/options';

declare const self: ServiceWorkerGlobalScope & { TIDINGS?: WorkerOptions; tidings?: object };

self.tidings = { outbox };
listen({ isMain, ...self.TIDINGS } as WorkerOptions);
takeOver();
startAhead();
