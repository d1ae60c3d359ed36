// The demo: turn notifications on, send yourself a message, watch what happens. It uses the packed npm package only.

import { createPush, environment } from './tidings/index.js';
import { createOutbox } from './tidings/outbox.js';

const SERVER = '/api/v1';
const push = createPush({ worker: '/worker.js', server: SERVER });
const outbox = createOutbox();
const here = environment();
const $ = (id) => document.getElementById(id);
const form = $('send');
let busy = false;

/** How long a message is kept while the box is ticked, in milliseconds: a day less than the outbox keeps anything. */
const OFFLINE = 6 * 24 * 3600 * 1000;

/** The subscription, for people. */
const SAYS = {
  unknown: '…',
  none: 'none',
  unsaved: 'not on the server yet',
  saved: 'on the server',
  stale: 'made with an old key',
  expiring: 'about to end',
};

/** What a person can do about each obstacle and error. */
const ADVICE = {
  'insecure-context': 'Open this page over https or as localhost.',
  'no-service-worker': 'This browser, or this private window, has no service workers.',
  'no-push': 'This browser has no web push.',
  'wasm-unavailable': 'WebAssembly is blocked here.',
  'permission-denied': 'Notifications are blocked for this site. Allow them in the site settings, next to the address.',
  'permission-quiet': 'Your browser answered for you. Allow notifications in the site settings, next to the address.',
  'needs-gesture': 'This browser asks only after a click.',
  'needs-install': 'On iPhone and iPad, add the page to the Home Screen first.',
  'in-iframe': 'Open this page in a tab of its own.',
  'private-mode': 'Private windows have no push: use a normal one.',
  webview: 'The browser inside this app has no push: open the page in the real browser.',
  'permission-dismissed': 'You closed the question. Press the button to be asked again.',
  'key-mismatch': 'This browser is subscribed with another key. Turn notifications off and on again.',
  'push-service-unavailable': 'The browser cannot reach its push service. Offline? Try: npm start -- --offline chromium',
  'server-unavailable': 'The application server does not answer; it is told later.',
  'user-refused': 'The server does not believe that this is you.',
};

function log(what, detail = '', failed = false) {
  const entry = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString([], { hour12: false });
  const name = document.createElement('strong');
  name.textContent = what;
  const text = document.createElement('span');
  text.textContent = detail;
  entry.append(time, name, text);
  entry.className = failed ? 'error' : '';
  entry.dataset.event = what;
  document.querySelector('#log .empty')?.remove();
  $('log').prepend(entry);
}

function fail(error) {
  const advice = ADVICE[error.code];
  log('failed', `${error.code ?? error.name}: ${advice ?? error.message}${error.cause ? ` (${error.cause})` : ''}`, true);
  return advice ?? error.message;
}

/** Shows the state as it is now; `advice` is what went wrong just before. */
function show(advice = '') {
  const { permission, subscription, worker, reason, step, user } = push.getState();
  const subscribed = ['saved', 'unsaved', 'expiring', 'stale'].includes(subscription);
  const on = subscribed && permission === 'granted';
  const blocked = !here.supported || permission === 'denied';

  $('state').textContent = on ? 'Notifications are on' : blocked ? 'Notifications are not possible' : 'Notifications are off';
  $('state').className = `state ${on ? 'on' : blocked ? 'blocked' : 'off'}`;
  $('fact-support').textContent = here.supported ? 'supported' : here.obstacle;
  $('fact-permission').textContent = permission;
  $('fact-subscription').textContent = SAYS[subscription];
  $('fact-worker').textContent = worker;
  const text = advice || ADVICE[reason] || '';
  $('advice').textContent = text && step ? `${text} (at: ${step})` : text;
  $('advice').hidden = !text;

  $('sign-in').hidden = Boolean(user);
  $('signed-in').hidden = !user;
  $('fact-user').textContent = user ?? '';

  $('toggle').textContent = on ? 'Turn off notifications' : 'Turn on notifications';
  $('toggle').className = on ? 'primary off' : 'primary';
  $('toggle').disabled = !here.supported || busy;
  form.querySelector('button').disabled = !on;
}

/** How the server names a subscription: the SHA-256 of its endpoint, base64url. */
async function idOf({ endpoint }) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint));
  return btoa(String.fromCharCode(...new Uint8Array(hash))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

$('toggle').addEventListener('click', async () => {
  const off = $('toggle').classList.contains('off');
  busy = true;
  show();
  let advice = '';
  try {
    if (off) {
      await push.unsubscribe();
      log('unsubscribed', 'in the browser and on the server');
    } else {
      const subscription = await push.subscribe();
      log('subscribed', `the push service is ${new URL(subscription.endpoint).host}`);
      log('stored', `the server knows this browser as ${(await idOf(subscription)).slice(0, 8)}…`);
    }
  } catch (error) {
    advice = fail(error);
  }
  busy = false;
  show(advice);
});

/** The demo's sessions: who says a name gets it. In an app, this is your own login. */
async function session(method, user) {
  const response = await fetch(`${SERVER}/session`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user }),
  });
  if (!response.ok) throw new Error(await response.text());
}

$('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  const { user } = Object.fromEntries(new FormData($('sign-in')));
  try {
    await session('POST', user);
    await push.identify(user);
    log('signed in', `what is sent to ${user} comes to this browser, too`);
  } catch (error) {
    show(fail(error));
  }
});

$('sign-out').addEventListener('click', async () => {
  try {
    await push.forget();
    await session('DELETE');
    log('signed out', 'this browser is nobody’s; the other devices stay');
  } catch (error) {
    show(fail(error));
  }
});

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { title, body, navigate, tag, actions } = Object.fromEntries(new FormData(form));
  const url = new URL(navigate, location.href).href;
  const message = {
    web_push: 8030,
    notification: {
      title,
      navigate: url,
      body,
      icon: new URL('/icon.png', location.href).href,
      ...(tag && { tag }),
      ...(actions && {
        actions: [
          { action: 'open', title: 'Open', navigate: url },
          { action: 'later', title: 'Later', navigate: new URL('/?later', location.href).href },
        ],
      }),
    },
  };
  try {
    const subscription = await push.subscription();
    const request = [
      `${SERVER}/subscriptions/${await idOf(subscription)}/messages`,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message, ttl: 60 }) },
    ];
    if ($('offline').checked) {
      await outbox.fetch(request[0], { ...request[1], delay: OFFLINE });
      log('queued', `“${title}” waits in the outbox; it is sent when you clear the box, though this tab may be closed before`);
      return;
    }
    const response = await fetch(...request);
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
    log('sent', `the push service took it (${answer.pushService})`);
  } catch (error) {
    show(fail(error));
  }
});

$('offline').addEventListener('change', async () => {
  if ($('offline').checked) return;
  // Back online: what was kept is tried at once.
  for (const { id } of await outbox.entries('pending')) await outbox.retry(id);
});

/** Shows what waits in the outbox, and what was set aside. */
function showOutbox({ pending, failed, storage }) {
  $('outbox').hidden = pending + failed === 0;
  const memory = storage === 'memory' ? ', in memory only: this browser stores nothing here' : '';
  $('outbox').textContent = `Outbox: ${pending} waiting, ${failed} set aside${memory}`;
}

if (here.supported) {
  outbox.on(({ type, entry, state }) => {
    showOutbox(state);
    if (type === 'done') log('sent', `from the outbox, after ${Math.round((Date.now() - entry.at) / 1000)} s`);
    if (type === 'failed') log('set aside', `the server refused (${entry.response?.status ?? entry.reason})`, true);
  });
  showOutbox(await outbox.state());
  push.on('shown', ({ title, received, shown }) => {
    log('received', `“${title}”, decrypted in the service worker`);
    log('shown', `${shown - received} ms later`);
  });
  push.on('click', ({ title, action, url }) => log('clicked', `“${title}”${action && `, button “${action}”`}: ${url}`));
  push.on('change', () => log('renewed', 'the browser had ended the subscription; the service worker made a new one'));
}

// A prompt, another tab, the service worker or the site settings change the state from outside.
push.subscribeState(() => show());
await push.refresh();
show();
document.documentElement.dataset.ready = '';
