// What there is in this page. Everything is looked for when it is asked for, and may be missing.

import { CODES } from './error.js';
import { PERMISSIONS, type Head } from './head.js';
import type { Environment } from './types.js';

const global: any = globalThis;
const navigator = () => global.navigator ?? {};

export const userAgent = (): string => navigator().userAgent ?? '';
const touch = () => navigator().maxTouchPoints > 1;

let read = 0;
let known = 2;

/**
 * The number of the permission, see {@link PERMISSIONS}; `denied` where there are no notifications.
 *
 * To read it stops this page until another process of Chromium has answered, a millisecond or more. `age`: what was read so
 * many milliseconds ago will do.
 */
export function permission(age = 0): number {
  const now = performance.now();
  if (!read || now - read > age) {
    known = PERMISSIONS.indexOf(global.Notification?.permission ?? 'denied');
    read = now;
  }
  return known;
}

/** The code of what hinders push here. */
export function obstacle(head: Head) {
  const framed = global.parent && global.parent !== global && global.frameElement === null;
  const installed = navigator().standalone || global.matchMedia?.('(display-mode: standalone)').matches;
  const facts = [
    global.isSecureContext, navigator().serviceWorker, global.PushManager && global.Notification, framed, installed, touch(),
  ];
  return CODES[head.obstacle(userAgent(), facts.reduce((bits, fact, at) => bits | (fact ? 1 << at : 0), 0))] as
    | (Environment & { supported: false })['obstacle']
    | undefined;
}

export function environment(head: Head): Environment {
  const hindrance = obstacle(head);
  return {
    ...(hindrance ? { supported: false, obstacle: hindrance } : { supported: true }),
    needsGesture: !!head.needsGesture(userAgent()),
    maxActions: global.Notification?.maxActions ?? 0,
    badge: 'setAppBadge' in navigator(),
    sync: 'SyncManager' in global,
    periodicSync: 'PeriodicSyncManager' in global,
    declarative: 'pushManager' in global,
    navigate: 'navigate' in (global.Notification?.prototype ?? {}),
  };
}

/** The name of this device, for people. */
export const label = (head: Head) => head.label(userAgent(), touch());
