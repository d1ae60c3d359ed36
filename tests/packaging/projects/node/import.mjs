// During server rendering: importing is safe, and nothing is supported.
import assert from 'node:assert/strict';
import { PushError, createPush, environment } from 'tidings';
import * as slim from 'tidings/slim';
import { listen } from 'tidings/worker';
import own from 'tidings/package.json' with { type: 'json' };

assert.equal(environment().supported, false);
const push = createPush({ server: null, applicationServerKey: 'none' });
await assert.rejects(push.subscribe(), (error) => error instanceof PushError && typeof error.code === 'string');
assert.equal(typeof listen, 'function');
assert.equal(slim.environment().obstacle, 'wasm-unavailable', 'not before init');
await slim.init((await import('node:fs')).readFileSync(new URL(import.meta.resolve('tidings/page.wasm'))));
assert.notEqual(slim.environment().obstacle, 'wasm-unavailable');
assert.equal(own.name, 'tidings');
