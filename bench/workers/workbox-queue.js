// Workbox's queue in a worker that stores and sends when it is told to, and only then.

import { Queue } from 'workbox-background-sync';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(clients.claim()));

const queue = new Queue('bench', { onSync: async () => {} });

async function store(from, count, size) {
  for (let n = from; n < from + count; n += 100) {
    await Promise.all(Array.from({ length: Math.min(100, from + count - n) }, (_, i) => queue.pushRequest({
      request: new Request(`/apply/${n + i}`, { method: 'POST', body: 'x'.repeat(size), headers: { 'idempotency-key': `w${n + i}` } }),
    })));
  }
}

self.addEventListener('message', (event) => {
  const { from, count, size } = event.data;
  const done = count ? store(from, count, size) : queue.replayRequests();
  event.waitUntil(done.then(() => 'done', String).then((said) => event.ports[0].postMessage(said)));
});
