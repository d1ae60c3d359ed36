// The shim of a service worker in Rust. `tidings worker` packs it with an app's WASM into one script, and scripts/build.mjs
// bundles it for that into crates/cli/assets, with ./instance in place of ./wasm.

import { outbox } from '../outbox/worker';
import { startAhead } from './ahead';
import { options } from './instance';
import { listen } from './listen';
import { takeOver } from './main';

(self as any).tidings = { outbox };
listen(options);
takeOver();
startAhead();
