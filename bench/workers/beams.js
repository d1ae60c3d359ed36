// Pusher's documentation has it load from js.pusher.com; the npm package holds its source.
import '@pusher/push-notifications-web/src/service-worker.js';
