// `npx tidings keys`.

import { coordinates, vapidKeys } from '../testing/vapid';
import { Problem, type Say, Usage } from './failure';

interface Options {
  env?: boolean;
  json?: boolean;
  contact?: string;
  check?: string;
}

export function keys(_: string[], { env, json, contact = 'mailto:admin@localhost', check }: Options, say: Say): void {
  if (check !== undefined) {
    try {
      coordinates(check);
    } catch (error) {
      throw new Problem(`This is no public key that browsers take: ${(error as Error).message}.\n  Make a pair with: npx tidings keys`);
    }
    return say('✓ A public key that browsers take');
  }
  if (env && json) throw new Usage('--env or --json, not both');
  if (!/^(mailto:[^@\s]+@\S+|https:\/\/\S+)$/.test(contact)) throw new Usage(`--contact must be a mailto: or an https: URL, not “${contact}”`);
  const { publicKey, privateKey } = vapidKeys();
  if (json) return say(JSON.stringify({ publicKey, privateKey }, null, 2));
  if (env) return say(`VAPID_PUBLIC_KEY=${publicKey}\nVAPID_PRIVATE_KEY=${privateKey}\nVAPID_SUBJECT=${contact}`);
  say(`public key   ${publicKey}\nprivate key  ${privateKey}\n`);
  say('The public key is the applicationServerKey of your pages. The private key stays on your server, and is a secret.');
}
