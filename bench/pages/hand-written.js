// What a page needs at least, written by hand: whether it can, whether it is subscribed, and the way there. No repair.
const bytesOf = (key) => Uint8Array.from(atob(key.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));

export async function state({ scope }) {
  if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) return 'unsupported';
  const registration = await navigator.serviceWorker.getRegistration(scope);
  return (await registration?.pushManager.getSubscription()) ? 'subscribed' : Notification.permission;
}

export async function subscribe({ scope, worker }) {
  if ((await Notification.requestPermission()) !== 'granted') throw new Error('denied');
  const registration = await navigator.serviceWorker.register(worker, { scope });
  const starting = registration.installing ?? registration.waiting;
  if (!registration.active) await new Promise((resolve) => starting.addEventListener('statechange', () => starting.state === 'activated' && resolve()));
  const { publicKey } = await (await fetch('/api/v1/key')).json();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) });
  const { ok } = await fetch('/api/v1/subscriptions', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ subscription }) });
  if (!ok) throw new Error('not stored');
}
