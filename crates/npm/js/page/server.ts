// One request to the application server, or to the app's own function in its place.

import type { Refusal } from './error.js';
import type { Options, Removal, Upload } from './types.js';

/** The JSON of the answer, `undefined` if there is none. Rejects with a {@link Refusal} if the server refuses. */
export async function request(options: Options, path: string, method: 'GET' | 'PUT' | 'DELETE', body?: Upload | Removal): Promise<any> {
  const { server, headers, credentials, upload } = options;
  if (upload && body && method !== 'GET') return upload(body, method);
  const response = await fetch(server + path, {
    method,
    cache: 'no-store',
    credentials,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    body: JSON.stringify(body),
    // Goes on when the page is closed.
    keepalive: !!body,
  });
  const text = await response.text();
  if (!response.ok) {
    // Seconds or a date (RFC 9110 section 10.2.3).
    const header = response.headers.get('retry-after') ?? '';
    const wait = Number(header) * 1000 || Date.parse(header) - Date.now();
    throw { status: response.status, text, retryAfter: wait > 0 ? wait : 0 } satisfies Refusal;
  }
  return parsed(text);
}

/** JSON, or nothing: a server that says nothing says yes. */
export function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
