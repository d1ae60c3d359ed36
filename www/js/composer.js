// The form, what it makes, and how that will look.

import { $, make } from './dom.js';
import { here } from './shared.js';

const form = () => $('send');
const value = (name) => form().elements[name].value.trim();
const ticked = (name) => form().elements[name].checked;
/** A URL as the server wants it; what is none is said at its field. */
function url(name) {
  const field = form().elements[name];
  try {
    field.setCustomValidity('');
    return new URL(value(name), location.origin).href;
  } catch {
    field.setCustomValidity('This is no URL: write /inbox or https://…');
    return '';
  }
}

const random = () => crypto.randomUUID().slice(0, 8);
/** The name of the next push: it comes back with each event, so that the timeline knows whose it is. */
let next = random();

/** A message, and how it is to be delivered. */
export function compose() {
  const given = (name, made) => (value(name) ? { [name]: made(name) } : {});
  const actions = ['open', 'later'].flatMap((action) => (value(action) ? { action, title: value(action), navigate: url(`${action}-url`) } : []));
  const notification = {
    title: form().elements.title.value,
    navigate: url('navigate'),
    ...given('body', () => form().elements.body.value),
    ...given('icon', url),
    ...given('image', url),
    ...given('tag', value),
    ...(ticked('actions') && actions.length && { actions }),
    ...(ticked('silent') && { silent: true }),
    ...(ticked('requireInteraction') && { requireInteraction: true }),
    data: { push: next },
  };
  const message = { web_push: 8030, notification, ...(value('badge') && { app_badge: Number(value('badge')) }) };
  return {
    id: next,
    to: value('to'),
    delay: Number(value('delay')) * 1000,
    message,
    delivery: { ttl: Number(value('ttl')), urgency: value('urgency'), ...given('topic', value) },
  };
}

/** The next message is another one. */
export function renew() {
  next = random();
  render();
}

/** The pictures of the preview: those of a URL that is still being typed are not asked for. */
let pictures = {};

function render() {
  $('buttons').hidden = !ticked('actions');
  const { message } = compose();
  $('json').textContent = JSON.stringify(message, null, 2);
  $('preview').replaceChildren(...preview(message));
}

/** The notification as this browser will show it, about. */
function preview({ notification, app_badge }) {
  const { icon, image } = pictures;
  const { title, body = '', tag, silent, requireInteraction, actions = [] } = notification;
  const picture = (src, className) => make('img', { src, className, alt: '', onerror: ({ target }) => target.remove() });
  const part = (name, ...content) => make('p', { className: `toast-${name}`, 'data-preview': name }, ...content);
  const notes = [
    requireInteraction && 'stays until it is answered',
    silent && 'without a sound',
    tag && `replaces what has the tag “${tag}”`,
    app_badge !== undefined && (here.badge ? `puts ${app_badge} on the app’s icon` : 'this browser puts no number on an icon'),
    actions.length && here.maxActions && actions.length > here.maxActions && `this browser shows ${here.maxActions} of the buttons`,
  ].filter(Boolean);
  const buttons = here.maxActions ? actions.slice(0, here.maxActions) : actions;
  const top = make('div', { className: 'toast-top' }, part('app', location.host), part('title', title), part('body', body));
  if (icon) top.append(picture(icon, 'toast-icon'));
  return [
    top,
    ...(image ? [picture(image, 'toast-image')] : []),
    ...(buttons.length ? [make('ul', { className: 'toast-actions', 'aria-label': 'Buttons' }, ...buttons.map(({ title }) => make('li', {}, title)))] : []),
    ...(notes.length ? [part('notes', notes.join(' · '))] : []),
  ];
}

/** A field was left: its URL is whole. */
function settle() {
  const { icon, image } = compose().message.notification;
  pictures = { icon, image };
  render();
}

export function startComposer() {
  form().addEventListener('input', render);
  form().addEventListener('change', settle);
  settle();
}
