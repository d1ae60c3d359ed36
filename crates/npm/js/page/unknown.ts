// A file of its own, for the hooks of frameworks: they need nothing else of the page.

import type { State } from './types.js';

/** The state before anybody has looked, and while a server renders. */
export const UNKNOWN: State = Object.freeze({ permission: 'default', subscription: 'unknown', worker: 'none', persisted: true });
