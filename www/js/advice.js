// What a person can do about each obstacle and each error.

const ADVICE = {
  'insecure-context': 'Open this page over https or as localhost.',
  'no-service-worker': 'This browser, or this private window, has no service workers. Try another window or browser.',
  'no-push': 'This browser has no web push. Try another browser.',
  'wasm-unavailable': 'WebAssembly is blocked here.',
  'permission-denied': 'Notifications are blocked for this site. Allow them in the site settings, next to the address.',
  'permission-quiet': 'Your browser answered for you. Allow notifications in the site settings, next to the address.',
  'needs-gesture': 'This browser asks only after a click.',
  'needs-install': 'On iPhone and iPad: press Share, then “Add to Home Screen”, and open Tidings from there.',
  'in-iframe': 'Open this page in a tab of its own.',
  'private-mode': 'Private windows have no push. Use a normal one.',
  webview: 'The browser inside this app has no push. Open the page in the real browser.',
  'permission-dismissed': 'You closed the question. Press the button to be asked again.',
  'key-mismatch': 'This browser is subscribed with another key. Turn notifications off and on again.',
  'push-service-unavailable': 'The browser cannot reach its push service. Without internet, try: npm start -- --offline chromium',
  'server-unavailable': 'The application server does not answer. It is told later.',
  'user-refused': 'The server does not believe that this is you. Sign in again.',
};

export const advise = (code) => ADVICE[code];

/** The advice for an error, or what it says itself. */
export const explain = (error) => ADVICE[error.code] ?? error.message;
