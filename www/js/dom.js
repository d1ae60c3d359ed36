// Small helpers for the page, and words for times.

/** @returns {any} */
export const $ = (id) => document.getElementById(id);

/** Makes an element: properties, and `data-…` and `aria-…` as attributes. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes('-')) element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== undefined && child !== ''));
  return element;
}

/** A button of a list, which says in full what it is for. */
export const act = (text, label, onclick) => make('button', { type: 'button', className: 'quiet', 'aria-label': label, onclick }, text);

let quiet;

/** Says what a press has come to, once: for eyes at the lower edge, for screen readers politely. */
export function say(text) {
  clearTimeout(quiet);
  $('said').textContent = text;
  quiet = setTimeout(() => ($('said').textContent = ''), 8000);
}

/** A duration, for people. */
export function span(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const [unit, size] = ms < 3_600_000 ? ['minute', 60_000] : ms < 86_400_000 ? ['hour', 3_600_000] : ['day', 86_400_000];
  const count = Math.round(ms / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

export const ago = (time) => (Date.now() - time < 60_000 ? 'just now' : `${span(Date.now() - time)} ago`);

/** Puts the focus back where a press has begun, if it got lost meanwhile. */
export function refocus(element) {
  if (!document.activeElement || document.activeElement === document.body) element.focus();
}
