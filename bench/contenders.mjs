// Who takes part in the measurement of the worker: scripts as their users have them, and the same notification for each in
// the form that it understands.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { Failure, root } from '../scripts/lib/run.mjs';
import { PACKAGE } from '../tests/e2e/lib/app.mjs';

/**
 * @typedef {object} Contender
 * @property {string} what
 * @property {string} id the first part of its scope
 * @property {string} script
 * @property {string} message
 * @property {boolean} [judged] against "must"
 * @property {number[]} cold milliseconds
 * @property {number[]} warm milliseconds
 */

const TITLE = 'Mara sent a photo';
const OPTIONS = { body: 'From the harbour, this morning', tag: 'chat-7', lang: 'en', dir: 'ltr', data: { chat: 7, message: 1913 } };

const DECLARATIVE = {
  web_push: 8030,
  notification: {
    title: TITLE, ...OPTIONS, navigate: '/chat/7?message=1913',
    actions: [
      { action: 'open', title: 'Open', navigate: '/chat/7' },
      { action: 'mute', title: 'Mute', navigate: '/chat/7/mute' },
    ],
  },
};

const BUTTONS = [{ action: 'open', title: 'Open' }, { action: 'mute', title: 'Mute' }];

const ANGULAR = {
  notification: {
    title: TITLE, ...OPTIONS, actions: BUTTONS,
    data: { ...OPTIONS.data, onActionClick: { default: { operation: 'navigateLastFocusedOrOpen', url: '/chat/7?message=1913' } } },
  },
};

/** What `ng build` writes for an app that precaches nothing. */
export const NGSW = { configVersion: 1, timestamp: 1, index: '/', assetGroups: [], dataGroups: [], hashTable: {}, navigationUrls: [] };

const FIREBASE = {
  from: '1', fcmMessageId: 'a', priority: 'high', data: { chat: '7', message: '1913' },
  notification: { title: TITLE, body: OPTIONS.body, tag: OPTIONS.tag, lang: 'en', actions: BUTTONS, click_action: '/chat/7?message=1913' },
};

const HOOK = "self.TIDINGS = { onPush: (message) => ({ options: { body: `${message.options.body}!` } }) };";

async function bundled(/** @type {string} */ file) {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'bench/workers', file)], bundle: true, minify: true, format: 'iife', target: 'es2022', write: false,
    logLevel: 'warning', legalComments: 'none', define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0].text;
}

/** Everybody; the first is what the others are compared with. @returns {Promise<Contender[]>} */
export async function contenders() {
  const file = path.join(PACKAGE, 'worker.js');
  if (!existsSync(file)) throw new Failure('the package is not built; run: npm run build');
  const ours = readFileSync(file, 'utf8');
  const hand = await bundled('hand-written.js');
  const all = [
    { what: 'hand-written', script: hand },
    { what: 'hand-written again', script: hand },
    { what: 'Tidings, drop-in', script: ours, judged: true },
    { what: 'Tidings, with a hook', script: `${HOOK}\n${ours}`, judged: true },
    { what: 'Workbox 7, hand-written push', script: await bundled('workbox.js') },
    { what: 'Angular 21', script: readFileSync(path.join(root, 'node_modules/@angular/service-worker/ngsw-worker.js'), 'utf8'), message: ANGULAR },
    { what: 'Firebase messaging 0.13', script: await bundled('firebase.js'), message: FIREBASE },
  ];
  return all.map(({ message = DECLARATIVE, ...one }, index) => ({ ...one, message: JSON.stringify(message), id: `bench${index}`, cold: [], warm: [] }));
}
