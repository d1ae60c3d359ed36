// The top of the page: can this browser do it, does it do it, and what comes next.

import { ask } from '../tidings/prompt.js';
import { advise, explain } from './advice.js';
import { $, make, refocus, say } from './dom.js';
import { here, push } from './shared.js';

/** The subscription, for people. */
const SAYS = {
  unknown: '…',
  none: 'none',
  unsaved: 'not on the server yet',
  saved: 'on the server',
  stale: 'made with an old key',
  expiring: 'about to end',
};

const FEATURES = {
  needsGesture: 'Asks only after a click',
  badge: 'Number on the app’s icon',
  navigate: 'Notifications carry their URL',
  declarative: 'Shows declarative messages by itself',
  sync: 'Background Sync',
  periodicSync: 'Periodic Background Sync',
};

const WORDS = {
  title: 'Shall we tell you what is new?',
  text: 'Your browser will ask you next. You can turn notifications off here at any time.',
  accept: 'Yes, please',
  dismiss: 'Not now',
};

let busy = false;
/** When our own question may be shown again; known before the press, which must lead to the browser's question at once. */
let primed = 0;

export function isOn() {
  const { permission, subscription } = push.getState();
  return permission === 'granted' && ['saved', 'unsaved', 'expiring', 'stale'].includes(subscription);
}

/** Shows the state as it is now; `advice` is what went wrong just before. */
export function showState(advice = '') {
  const { permission, subscription, worker, reason, step, user } = push.getState();
  const on = isOn();
  const blocked = !here.supported || permission === 'denied';
  const trouble = here.supported && (advice || advise(reason));

  $('state').textContent = on ? 'Notifications are on' : blocked ? 'Notifications are not possible' : 'Notifications are off';
  $('next').textContent =
    !here.supported ? advise(here.obstacle)
    : on ? 'Write yourself a message, press Send, and watch it arrive.'
    : blocked ? 'This browser would show them, once you allow it.'
    : 'Turn them on, then send yourself the first one.';
  $('advice').textContent = trouble && step ? `${trouble} (${reason}, at the step “${step}”)` : trouble || '';
  $('advice').hidden = !trouble;

  fact('support', here.supported ? 'supported' : here.obstacle, here.supported);
  fact('permission', permission, permission === 'default' ? undefined : permission === 'granted');
  fact('worker', worker, worker === 'active' || undefined);
  fact('subscription', SAYS[subscription], subscription === 'stale' ? false : subscription === 'saved' || undefined);
  $('fact-user').textContent = user ?? '';
  $('whose').hidden = !user;

  $('toggle').textContent = on ? 'Turn off notifications' : 'Turn on notifications';
  $('toggle').className = on ? 'primary off' : 'primary';
  $('toggle').disabled = !here.supported || busy;
  $('toggle').hidden = !here.supported;
}

/** One of the four, with a mark whose shape tells the same as its colour. */
function fact(name, text, good) {
  const shown = $(`fact-${name}`);
  shown.textContent = text;
  shown.parentElement.dataset.good = good === undefined ? '' : good ? 'yes' : 'no';
}

function showFeatures() {
  const row = (text, value) => make('li', {}, text, make('b', { className: value === 'no' ? 'no' : '' }, value));
  const features = Object.entries(FEATURES).map(([name, text]) => row(text, here[name] ? 'yes' : 'no'));
  $('features').replaceChildren(row('Buttons on a notification', here.maxActions ? `up to ${here.maxActions}` : 'not told'), ...features);
}

async function press() {
  if (isOn()) {
    await push.unsubscribe();
    return say('Notifications are off, in the browser and on the server.');
  }
  // Who was asked lately, or has said yes before, and now presses the button needs no question of ours.
  const outcome =
    push.getState().permission !== 'default' || primed > Date.now() ? { subscription: await push.subscribe() } : await ask(push, WORDS);
  const { subscription } = outcome;
  if (subscription) say(`Notifications are on. The push service is ${new URL(subscription.endpoint).host}.`);
  else say('Not now, then. The button stays here.');
}

export async function startState() {
  showFeatures();
  $('toggle').addEventListener('click', async () => {
    busy = true;
    showState();
    let advice = '';
    try {
      await press();
    } catch (error) {
      advice = explain(error);
    }
    busy = false;
    showState(advice);
    refocus($('toggle'));
    primed = await push.priming();
  });
  if (here.supported) primed = await push.priming().catch(() => 0);
}
