// A sender: encrypts (RFC 8291), signs (RFC 8292) and sends (RFC 8030) with Node alone.

import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { type VapidKeys, authorization } from './vapid';

/** What `PushSubscription.toJSON()` gives. */
export interface Subscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** How a push is sent (RFC 8030), and who signs it. */
export interface SendOptions {
  /** How many seconds the push service keeps the message for a browser that is away. Default: 60. */
  ttl?: number;
  urgency?: 'very-low' | 'low' | 'normal' | 'high';
  /** A waiting message with the same topic is replaced. */
  topic?: string;
  /** The key pair that the page subscribed with. Default: the service's own, `service.vapid`. */
  vapid?: VapidKeys;
}

/** Where endpoints really are. */
export interface Route {
  https: string;
  hosts: string[];
  certificatePem: string;
}

/** Sends, and gives the push service's HTTP status: 201 if it took the message, 410 if the subscription is gone. */
export async function post(subscription: Subscription, payload: Uint8Array | null, options: SendOptions & { vapid: VapidKeys }, route: Route): Promise<number> {
  const { endpoint, keys } = subscription;
  const body = payload && encrypt(payload, keys);
  const url = new URL(endpoint);
  const headers: Record<string, string | number> = {
    host: url.host,
    authorization: authorization(options.vapid, endpoint, 'mailto:test@example.com'),
    ttl: options.ttl ?? 60,
    'content-length': body?.length ?? 0,
    ...(body && { 'content-encoding': 'aes128gcm', 'content-type': 'application/octet-stream' }),
    ...(options.urgency && { urgency: options.urgency }),
    ...(options.topic && { topic: options.topic }),
  };
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (!local && !route.hosts.includes(url.hostname)) {
    throw new Error(`${url.hostname} is not the local push service: the browser has to be started with the options that the service gives`);
  }
  // Chromium's endpoints are on a host of Google's that is compiled in; here that host is the local service.
  const to = local ? url : new URL(route.https);
  const request = to.protocol === 'https:' ? https.request : http.request;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        method: 'POST', host: to.hostname, port: to.port, path: url.pathname + url.search, headers, agent: false,
        ...(to.protocol === 'https:' && { servername: url.hostname, ca: route.certificatePem }),
      },
      (response) => response.resume().once('end', () => resolve(response.statusCode ?? 0)),
    );
    sent.once('error', reject);
    sent.end(body ?? undefined);
  });
}

/** One record of aes128gcm. */
function encrypt(payload: Uint8Array, { p256dh, auth }: Subscription['keys']): Buffer {
  const receiver = Buffer.from(p256dh, 'base64url');
  const ecdh = createECDH('prime256v1');
  const sender = ecdh.generateKeys();
  const derive = (key: Buffer, salt: Buffer, info: (string | Buffer)[], length: number) =>
    Buffer.from(hkdfSync('sha256', key, salt, Buffer.concat(info.map((part) => Buffer.from(part as string))), length));
  const key = derive(ecdh.computeSecret(receiver), Buffer.from(auth, 'base64url'), ['WebPush: info\0', receiver, sender], 32);
  const salt = randomBytes(16);
  const cipher = createCipheriv('aes-128-gcm', derive(key, salt, ['Content-Encoding: aes128gcm\0'], 16), derive(key, salt, ['Content-Encoding: nonce\0'], 12));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(4096);
  // The 2 ends the last record.
  return Buffer.concat([salt, size, Buffer.of(sender.length), sender, cipher.update(payload), cipher.update(Buffer.of(2)), cipher.final(), cipher.getAuthTag()]);
}
