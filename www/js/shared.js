// The one push and the one outbox of this page, and the calls of the demo's server.

import { createPush, environment } from '../tidings/index.js';
import { createOutbox } from '../tidings/outbox.js';

export const SERVER = '/api/v1';
export const here = environment();
export const push = createPush({ worker: '/sw.js', server: SERVER });
export const outbox = createOutbox();

/** A request to the server as `fetch` takes it. */
export const request = (method, body) => ({ method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** Calls the server, and gives its answer; an error has the server's code. */
export async function call(method, path, body) {
  const response = await fetch(SERVER + path, body === undefined ? { method } : request(method, body));
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  if (!response.ok) throw Object.assign(new Error(answer.error?.message ?? response.statusText), { code: answer.error?.code });
  return answer;
}

/** How the server names a subscription: the SHA-256 of its endpoint, base64url. */
export async function idOf({ endpoint }) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint));
  return btoa(String.fromCharCode(...new Uint8Array(hash))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The id of this device's subscription, if there is one. */
export async function ownId() {
  const subscription = here.supported && (await push.subscription().catch(() => null));
  return subscription ? idOf(subscription) : undefined;
}
