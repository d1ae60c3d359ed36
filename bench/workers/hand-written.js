// What a careful developer writes by hand for declarative messages: the same behaviour as Tidings' worker on the path that
// is measured (read, check, show, remember the URLs, tell the pages), and the click that belongs to it. No extras.

const KEY = 'own';
const STRINGS = ['lang', 'body', 'tag'];
const URLS = ['image', 'icon', 'badge'];
const FLAGS = ['renotify', 'silent', 'requireInteraction'];

const resolve = (url) => {
  try {
    return new URL(url, self.registration.scope).href;
  } catch {
    return undefined;
  }
};

function declared(message) {
  const source = message?.notification;
  if (message?.web_push !== 8030 || typeof source?.title !== 'string' || typeof source.navigate !== 'string') return undefined;
  const navigate = resolve(source.navigate);
  if (!navigate) return undefined;
  const options = {};
  if (['auto', 'ltr', 'rtl'].includes(source.dir)) options.dir = source.dir;
  for (const name of STRINGS) if (typeof source[name] === 'string') options[name] = source[name];
  for (const name of URLS) {
    const url = typeof source[name] === 'string' && resolve(source[name]);
    if (url) options[name] = url;
  }
  for (const name of FLAGS) if (typeof source[name] === 'boolean') options[name] = source[name];
  if (Array.isArray(source.vibrate) && source.vibrate.every((one) => Number.isInteger(one) && one >= 0)) options.vibrate = source.vibrate;
  if (Number.isInteger(source.timestamp) && source.timestamp >= 0) options.timestamp = source.timestamp;
  const own = { navigate, actions: {}, data: source.data };
  if (Array.isArray(source.actions)) {
    options.actions = [];
    for (const { action, title, navigate, icon } of source.actions) {
      if (typeof action !== 'string' || typeof title !== 'string' || typeof navigate !== 'string') continue;
      options.actions.push({ action, title, ...(typeof icon === 'string' && { icon: resolve(icon) }) });
      own.actions[action] = resolve(navigate);
    }
    options.actions.splice(Notification.maxActions);
  }
  if (options.silent) delete options.vibrate;
  if (!options.tag) delete options.renotify;
  options.data = { ...(typeof source.data === 'object' && source.data), [KEY]: own };
  return { title: source.title, options };
}

function read(data) {
  let json;
  try {
    json = data?.json();
  } catch {
    // Text, or nothing.
  }
  const found = declared(json);
  if (found) return found;
  const { title, body } = json?.notification ?? json ?? {};
  return {
    title: typeof title === 'string' ? title : self.location.host,
    options: { body: typeof body === 'string' ? body : json === undefined ? (data?.text() ?? '') : '', data: { [KEY]: { navigate: self.registration.scope } } },
  };
}

const windows = () => self.clients.matchAll({ type: 'window', includeUncontrolled: true });

async function push(event) {
  const received = Date.now();
  const { title, options } = read(event.data);
  await self.registration.showNotification(title, options);
  const { body, tag, data } = options;
  for (const client of await windows()) client.postMessage({ own: 'shown', title, body, tag, data: data[KEY].data, received, shown: Date.now() });
}

async function click({ notification, action }) {
  const own = notification.data?.[KEY];
  if (!own) return;
  notification.close();
  let url = own.actions?.[action] ?? own.navigate;
  if (new URL(url).origin !== self.location.origin) url = self.registration.scope;
  const open = (await windows()).find((client) => client.url === url);
  const window = await (open ? open.focus() : self.clients.openWindow(url));
  window?.postMessage({ own: 'click', url, action, data: own.data });
}

self.addEventListener('push', (event) => event.waitUntil(push(event)));
self.addEventListener('notificationclick', (event) => event.waitUntil(click(event)));
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
