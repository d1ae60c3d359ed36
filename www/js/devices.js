// Who is signed in, and on which devices.

import { explain } from './advice.js';
import { act, ago, $, make, say } from './dom.js';
import { call, ownId, push } from './shared.js';
import { showState } from './state.js';

export async function showDevices() {
  const { user } = push.getState();
  $('signed-out').hidden = Boolean(user);
  $('signed-in').hidden = !user;
  if (!user) return;
  const own = await ownId();
  const { devices } = await call('GET', '/me/devices');
  $('devices').replaceChildren(...devices.map((device) => row(device, device.id === own)));
  $('devices-empty').hidden = devices.length > 0;
}

function row({ id, label, lastSeen }, own) {
  const name = label ?? 'A browser';
  return make(
    'li', {},
    make('p', {}, name, make('small', {}, own ? make('span', { className: 'mark' }, 'this device') : '', own ? ', ' : '', `seen ${ago(lastSeen)}`)),
    act('Remove', own ? `Remove ${name}, this device` : `Remove ${name}`, () => attempt(async () => {
      if (own) await push.unsubscribe();
      else await call('DELETE', `/me/devices/${id}`);
      await showDevices();
      say(`${name} gets no more messages.`);
    })),
  );
}

/** Does it, or says why not. */
async function attempt(what) {
  try {
    await what();
  } catch (error) {
    say(explain(error));
    showState();
  }
}

/** The demo's sessions: who says a name gets it. In an app, this is your own login. */
const signIn = (user) =>
  attempt(async () => {
    await call('POST', '/session', { user });
    await push.identify(user);
    await showDevices();
    say(`You are ${user}. What is sent to ${user} comes to this browser, too.`);
    $('sign-out').focus();
  });

export function startDevices() {
  $('sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    void signIn($('sign-in').elements.user.value);
  });
  for (const button of document.querySelectorAll('[data-user]')) button.addEventListener('click', () => signIn(button.dataset.user));
  $('sign-out').addEventListener('click', () =>
    attempt(async () => {
      await push.forget();
      await call('DELETE', '/session', {});
      await showDevices();
      say('Signed out. This browser is nobody’s; the other devices stay.');
      $('sign-in').elements.user.focus();
    }));
}
