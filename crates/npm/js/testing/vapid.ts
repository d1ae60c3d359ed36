// The key pair of an application server (RFC 8292), with Node's own cryptography.

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/** Base64url without padding: the uncompressed point, and the scalar. As web-push and most other senders take them. */
export interface VapidKeys {
  publicKey: string;
  privateKey: string;
}

/** A new pair. */
export function vapidKeys(): VapidKeys {
  const { d = '', x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { publicKey: point.toString('base64url'), privateKey: d };
}

/** The two coordinates; throws, and says why, unless this is a public key that browsers take. */
export function coordinates(publicKey: string): { x: string; y: string } {
  if (!/^[\w-]+$/.test(publicKey)) throw new Error('it is not base64url without padding');
  const point = Buffer.from(publicKey, 'base64url');
  if (point.length !== 65 || point[0] !== 4) {
    throw new Error(`it has ${point.length} bytes and begins with ${point[0]}; an uncompressed P-256 point has 65 and begins with 4`);
  }
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  try {
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  } catch {
    throw new Error('its point is not on the curve P-256');
  }
  return { x, y };
}

/** The `Authorization` header for a push service. */
export function authorization({ publicKey, privateKey }: VapidKeys, endpoint: string, subject: string): string {
  const key = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d: privateKey, ...coordinates(publicKey) }, format: 'jwk' });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { aud: new URL(endpoint).origin, exp: Math.floor(Date.now() / 1000) + 3600, sub: subject };
  const signed = `${encode({ typ: 'JWT', alg: 'ES256' })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `vapid t=${signed}.${signature.toString('base64url')}, k=${publicKey}`;
}
