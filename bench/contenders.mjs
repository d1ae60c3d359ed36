// Who takes part in the measurement of the worker: scripts as their users have them, and the same notification for each in
// the form that it understands.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { buildExamples, folderOf } from '../scripts/examples.mjs';
import { Failure, root } from '../scripts/lib/run.mjs';
import { PACKAGE } from '../tests/e2e/lib/app.mjs';

/**
 * @typedef {object} Contender
 * @property {string} what
 * @property {string} id the first part of its scope
 * @property {string} scope
 * @property {string} script
 * @property {string} target the path that a click on the notification leads to, in its scope
 * @property {(origin: string) => string} message the notification
 * @property {boolean} [judged] against "must"
 */

const TITLE = 'Mara sent a photo';
const OPTIONS = { body: 'From the harbour, this morning', tag: 'chat-7', lang: 'en', dir: 'ltr', data: { chat: 7, message: 1913 } };
const BUTTONS = [{ action: 'open', title: 'Open' }, { action: 'mute', title: 'Mute' }];

/** The message in each form, for a click that leads to a URL. @type {Record<string, (url: string) => object>} */
const FORMS = {
  declarative: (url) => ({
    web_push: 8030,
    notification: { title: TITLE, ...OPTIONS, navigate: url, actions: BUTTONS.map((button) => ({ ...button, navigate: `${url}&${button.action}` })) },
  }),
  angular: (url) => ({
    notification: {
      title: TITLE, ...OPTIONS, actions: BUTTONS,
      data: { ...OPTIONS.data, onActionClick: { default: { operation: 'focusLastFocusedOrOpen', url } } },
    },
  }),
  firebase: (url) => ({
    from: '1', fcmMessageId: 'a', priority: 'high', data: { chat: '7', message: '1913' },
    notification: { title: TITLE, body: OPTIONS.body, tag: OPTIONS.tag, lang: 'en', actions: BUTTONS, click_action: url },
  }),
  // It has neither tag nor buttons.
  beams: (url) => ({
    notification: { title: TITLE, body: OPTIONS.body, deep_link: url },
    data: { ...OPTIONS.data, pusher: { instanceId: 'bench', publishId: 'pub', hasDisplayableContent: true, hasData: true } },
  }),
};

/** What `ng build` writes for an app that precaches nothing. */
export const NGSW = { configVersion: 1, timestamp: 1, index: '/', assetGroups: [], dataGroups: [], hashTable: {}, navigationUrls: [] };

const HOOK = "self.TIDINGS = { onPush: (message) => ({ options: { body: `${message.options.body}!` } }) };";

/** Where Beams reports to, in place of its cloud. */
const BEAMS = "self.PusherPushNotifications.endpointOverride = self.location.origin + '/beams';";

/** One script of a file here, as an app's bundler makes it. @param {string} file @param {'iife' | 'esm'} [format] */
export async function bundled(file, format = 'iife') {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'bench', file)], bundle: true, minify: true, format, target: 'es2022', write: false,
    alias: { tidings: path.join(PACKAGE, 'index.js') }, logLevel: 'warning', legalComments: 'none', define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0].text;
}

/** The worker of a Rust app, packed by `tidings worker`. */
async function packed() {
  await buildExamples(['wasm-bindgen']);
  return readFileSync(path.join(folderOf('wasm-bindgen'), 'worker.js'), 'utf8');
}

/**
 * Everybody; the first is what the others are compared with.
 *
 * @param {string[]} [few] only those with these ids; what the others need is not built then
 * @returns {Promise<Contender[]>}
 */
export async function contenders(few) {
  const file = path.join(PACKAGE, 'worker.js');
  if (!existsSync(file)) throw new Failure('the package is not built; run: npm run build');
  const ours = readFileSync(file, 'utf8');
  const hand = () => bundled('workers/hand-written.js');
  const all = [
    { what: 'hand-written', script: hand },
    { what: 'hand-written again', script: hand },
    { what: 'Tidings, drop-in', script: () => ours, judged: true },
    { what: 'Tidings, with a hook', script: () => `${HOOK}\n${ours}`, judged: true },
    { what: 'Tidings, a Rust worker', script: packed },
    { what: 'Workbox 7, hand-written push', script: () => bundled('workers/workbox.js') },
    { what: 'Angular 21', form: 'angular', script: () => readFileSync(path.join(root, 'node_modules/@angular/service-worker/ngsw-worker.js'), 'utf8') },
    { what: 'Firebase messaging 0.13', form: 'firebase', script: () => bundled('workers/firebase.js') },
    { what: 'Pusher Beams 2.1', form: 'beams', script: async () => `${await bundled('workers/beams.js')}\n${BEAMS}` },
  ];
  /** @type {Contender[]} */
  const made = [];
  for (const [index, { form = 'declarative', script, ...one }] of all.entries()) {
    const id = `bench${index}`;
    if (few && !few.includes(id)) continue;
    const target = `/${id}/chat/7?message=1913`;
    const message = (/** @type {string} */ origin) => JSON.stringify(FORMS[form](origin + target));
    made.push({ ...one, id, scope: `/${id}/`, target, script: await script(), message });
  }
  return made;
}

/** Serves their workers, and what those ask for. @param {import('../tests/e2e/lib/app.mjs').App} app @param {Contender[]} all */
export function serve(app, all) {
  for (const { id, script } of all) app.addWorker(id, [script]);
  // Angular's worker unregisters itself without its configuration.
  app.add('/w/ngsw.json', { type: 'application/json', body: JSON.stringify(NGSW) });
  app.add('/beams/*', { status: 204 });
}

/** Whose turn it is: in each round another one begins, so that nobody has always the same neighbour. @template T @param {T[]} all @param {number} round */
export const turns = (all, round) => all.map((_, turn) => all[(turn + Math.max(round, 0)) % all.length]);
