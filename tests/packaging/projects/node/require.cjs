// CommonJS: Node requires ES modules from 20.19 and 22.12 on.
const assert = require('node:assert/strict');

if (!process.features.require_module) process.exit(0);
const { createPush, environment } = require('tidings');
assert.equal(typeof createPush, 'function');
assert.equal(environment().supported, false);
assert.equal(typeof require('tidings/worker').listen, 'function');
assert.match(require.resolve('tidings/worker.js'), /dist.worker\.js$/);
