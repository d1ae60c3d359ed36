// The demo: turn notifications on, send yourself a message, watch its way. It uses the packed npm package only.

import { startComposer } from './js/composer.js';
import { showDevices, startDevices } from './js/devices.js';
import { say } from './js/dom.js';
import { startKey } from './js/key.js';
import { startOutbox } from './js/outbox.js';
import { showScreen, startScreen } from './js/screen.js';
import { showSend, startSend } from './js/send.js';
import { here, push } from './js/shared.js';
import { showState, startState } from './js/state.js';
import { known, note, startTimeline } from './js/timeline.js';

/** What the worker tells of. */
function listen() {
  push.on('shown', (shown) => {
    const id = known(shown);
    note(id, 'pushed', { at: shown.received });
    note(id, 'shown', { at: shown.shown });
    void showScreen();
  });
  push.on('click', (click) => {
    const id = known(click);
    const { pathname, search } = new URL(click.url);
    note(id, 'page', { detail: `${click.action && `button “${click.action}”, `}${pathname}${search}` });
    // The page that a click has only just opened missed the moment.
    clicks.postMessage({ asks: id });
    void showScreen();
  });
  push.on('close', (closed) => {
    note(known(closed), 'closed');
    void showScreen();
  });
  push.on('change', () => say('The browser had ended the subscription; the service worker made a new one.'));
  const clicks = new BroadcastChannel('demo-clicks');
  clicks.onmessage = ({ data }) => data.at && note(data.push, 'clicked', { at: data.at });
}

const showAll = () => {
  showState();
  showSend();
  showDevices().catch(() => {});
};

startComposer();
startSend();
startDevices();
startTimeline();
if (here.supported) listen();
// A prompt, another tab, the service worker or the site settings change the state from outside.
push.subscribeState(showAll);
await push.refresh();
showAll();
await Promise.all([startState(), startOutbox(), startScreen(), startKey()]);
document.documentElement.dataset.ready = '';
