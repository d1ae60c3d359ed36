// Written by hand, as in any tutorial.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(clients.claim()));
self.addEventListener('push', (event) => {
  const { title, ...options } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { ...options, actions: [{ action: 'later', title: 'Later' }] }));
});
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(tell({ clicked: event.notification.title, action: event.action }));
});
async function tell(message) {
  for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage(message);
}
