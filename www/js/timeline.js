// The way of each push, step by step, kept over a reload: a click may open the page anew.

import { $, make, span } from './dom.js';

const KEY = 'demo-timeline';
const LENGTH = 20;

/** What happens to a push, in order. */
const STEPS = {
  kept: 'Kept in the outbox',
  sent: 'Sent',
  accepted: 'Accepted by the push service',
  pushed: 'Push event',
  shown: 'Shown',
  clicked: 'Clicked',
  page: 'Page told',
  closed: 'Dismissed',
  failed: 'Not sent',
};
/** Those that every push goes through; the others show when they have happened. */
const USUAL = ['sent', 'accepted', 'pushed', 'shown', 'clicked', 'page'];

let memory = [];
/** The steps that were drawn before: new ones draw the eye. */
const drawn = new Set();

function load() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return memory;
  }
}

function save(pushes) {
  memory = pushes.slice(0, LENGTH);
  try {
    localStorage.setItem(KEY, JSON.stringify(memory));
  } catch {
    // Storage is blocked: it lasts as long as the page.
  }
  render();
}

/** A push starts its way. */
export const begin = (id, { title, to }) => save([{ id, title, to, at: Date.now(), steps: {} }, ...load()]);

/** A step was made, or more is known of it; `at` in milliseconds since 1970. */
export function note(id, step, { at = Date.now(), ...more } = {}) {
  const pushes = load();
  const push = pushes.find((push) => push.id === id);
  if (!push) return;
  push.steps[step] = { at, ...push.steps[step], ...more };
  save(pushes);
}

/** The push that a message belongs to; one that another page or program has sent is new here. */
export function known({ title, data }) {
  const id = data?.push;
  const pushes = load();
  const found = pushes.find((push) => (id ? push.id === id : push.foreign && push.title === title));
  if (found) return found.id;
  const push = { id: id ?? `foreign-${crypto.randomUUID()}`, foreign: true, title, to: 'from elsewhere', at: Date.now(), steps: {} };
  save([push, ...pushes]);
  return push.id;
}

/** The push whose request waits in the outbox as this entry. */
export const ofEntry = (entry) => load().find(({ steps }) => steps.kept?.entry === entry)?.id;

function render() {
  const pushes = load();
  $('log').replaceChildren(...pushes.map(row));
  $('log-empty').hidden = pushes.length > 0;
  $('forget-timeline').hidden = pushes.length === 0;
}

function row(push) {
  const { id, title, to, at, steps, foreign } = push;
  const ended = steps.failed || steps.closed;
  const usual = foreign ? ['pushed', 'shown', 'clicked', 'page'] : USUAL;
  const names = Object.keys(STEPS);
  // As it happened: a push service may deliver a message before it answers its sender.
  const made = names.filter((name) => steps[name]).sort((a, b) => steps[a].at - steps[b].at);
  const todo = names.filter((name) => !steps[name] && !ended && usual.includes(name));
  const items = [...made, ...todo].map((name, index) => step(name, steps[name], steps[made[index - 1]]?.at, `${id} ${name}`));
  const whole = steps.shown && (steps.sent ?? steps.accepted) ? `, shown ${span(steps.shown.at - (steps.sent ?? steps.accepted).at)} after it was sent` : '';
  const clock = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
  return make(
    'li', { className: 'push', 'data-push': id },
    make('div', { className: 'push-head' }, make('h3', {}, title), make('p', {}, `${clock}, ${to}${whole}`)),
    make('ol', { className: 'steps', 'aria-label': `The way of “${title}”` }, ...items),
  );
}

/** One step, and how long it took since the one before. */
function step(name, made, before, key) {
  const className = made ? `step${name === 'failed' ? ' error' : ''}${drawn.has(key) ? '' : ' new'}` : 'step todo';
  if (made) drawn.add(key);
  const item = make('li', { className, 'data-event': made ? name : '' }, make('strong', {}, STEPS[name]));
  if (!made) return item;
  if (before !== undefined) item.append(make('time', { 'data-ms': made.at - before }, `+ ${span(made.at - before)}`));
  if (made.detail) item.append(make('span', {}, made.detail));
  return item;
}

export function startTimeline() {
  $('forget-timeline').addEventListener('click', () => {
    save([]);
    $('timeline-title').focus();
  });
  // Another page of the demo has noted something.
  addEventListener('storage', ({ key }) => key === KEY && render());
  render();
}
