// What waits for a network, or for its time.

import { act, $, make, say, span } from './dom.js';
import { here, outbox, request, SERVER } from './shared.js';
import { note, ofEntry } from './timeline.js';

/** How long a message is kept while the switch is on, in milliseconds: a day less than the outbox keeps anything. */
export const OFFLINE = 6 * 24 * 3600 * 1000;
/** What is due later than that waits for the switch, not for its time. */
const SCHEDULED = 24 * 3600 * 1000;

/** Stores a message; the worker sends it when its time has come. */
export const keep = (body, delay) => outbox.fetch(`${SERVER}/demo/messages`, { ...request('POST', body), delay });

const isScheduled = ({ at, next = 0 }) => next - at < SCHEDULED && next > Date.now();
const isKept = ({ at, next = 0 }) => next - at >= SCHEDULED;

const titleOf = ({ request: { body } }) => JSON.parse(new TextDecoder().decode(body)).message.notification.title;

let timer;

async function show() {
  const { pending, failed, storage } = await outbox.state();
  const waiting = await outbox.entries('pending');
  $('outbox').hidden = pending + failed === 0;
  $('outbox-empty').hidden = pending + failed > 0;
  const memory = storage === 'memory' ? ', in memory only: this browser stores nothing here' : '';
  $('outbox').textContent = `${pending} waiting, ${failed} set aside${memory}`;
  $('waiting').replaceChildren(...waiting.map((entry) => row(entry)), ...(await outbox.entries('failed')).map((entry) => row(entry, true)));
  clearTimeout(timer);
  const times = waiting.filter(isScheduled).map(({ next }) => next - Date.now());
  // Redrawn each second while a time is told, and sent when it has come.
  if (times.length) timer = setTimeout(due, Math.min(1000, ...times.map((time) => Math.max(time, 10))));
}

/** Sends what is due; without this page the worker does, some seconds later. */
async function due() {
  for (const entry of await outbox.entries('pending')) {
    if (!isKept(entry) && (entry.next ?? 0) <= Date.now() + 5 && entry.hold === 2) await release(entry);
  }
  await show();
}

function row(entry, failed = false) {
  const title = titleOf(entry);
  const why =
    failed ? `set aside: ${entry.response?.status ? `the server answered ${entry.response.status}` : entry.reason}`
    : isKept(entry) ? 'until you are online'
    : isScheduled(entry) ? `in ${span(Math.ceil((entry.next - Date.now()) / 1000) * 1000)}`
    : 'on its way';
  return make(
    'li', { className: failed ? 'error' : '' },
    make('p', {}, title, make('small', {}, why)),
    make('div', { className: 'acts' },
      act('Send now', `Send now: “${title}”`, () => release(entry)),
      act('Discard', `Discard “${title}”`, async () => {
        const push = ofEntry(entry.id);
        if (push) note(push, 'failed', { detail: 'thrown away' });
        await outbox.discard(entry.id);
        say(`“${title}” was thrown away.`);
        await show();
      })),
  );
}

async function release({ id }) {
  const push = ofEntry(id);
  if (push) note(push, 'sent', { at: Date.now() });
  await outbox.retry(id);
}

/** What came of a message that had waited. */
function heard({ type, entry }) {
  const push = entry && ofEntry(entry.id);
  if (push && type === 'done') note(push, 'accepted', { detail: 'from the outbox' });
  if (push && type === 'failed') note(push, 'failed', { detail: `the server answered ${entry.response?.status ?? 'nothing'}` });
  void show();
}

export async function startOutbox() {
  $('offline').addEventListener('change', async () => {
    if ($('offline').checked) return;
    // Back online: what was kept is tried at once.
    for (const entry of await outbox.entries('pending')) if (isKept(entry)) await release(entry);
  });
  if (!here.supported) return;
  outbox.on(heard);
  await show();
}
