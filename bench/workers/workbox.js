// A worker with Workbox's precache and a route, and the hand-written push beside them.
import { precacheAndRoute } from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';
import { NetworkFirst } from 'workbox-strategies';
import './hand-written.js';

precacheAndRoute([]);
registerRoute(({ url }) => url.pathname.startsWith('/never/'), new NetworkFirst());
