// From the form to the push service, or into the outbox.

import { explain } from './advice.js';
import { compose, renew } from './composer.js';
import { $, say, span } from './dom.js';
import { keep, OFFLINE } from './outbox.js';
import { call, here, ownId, push } from './shared.js';
import { isOn, showState } from './state.js';
import { begin, note } from './timeline.js';

const TO = { this: 'to this device', mine: 'to all my devices', everyone: 'to everyone' };

/** Why there is nobody to send to, if so. */
function hindrance() {
  const to = $('send').elements.to.value;
  if (to === 'this' && !isOn()) return here.supported ? 'Turn on notifications first.' : 'This browser cannot be pushed.';
  if (to === 'mine' && !push.getState().user) return 'Sign in below first.';
  return '';
}

export function showSend() {
  const why = hindrance();
  const signedIn = Boolean(push.getState().user);
  const { to } = $('send').elements;
  to[1].disabled = !signedIn;
  if (!signedIn && to.value === 'mine') to.value = 'this';
  const button = $('send').querySelector('[type=submit]');
  button.disabled = Boolean(hindrance());
  button.textContent = $('offline').checked ? 'Put it in the outbox' : $('send').elements.delay.value !== '0' ? 'Send later' : 'Send';
  $('why-not').textContent = why;
  $('why-not').hidden = !why;
}

async function send() {
  const { id, to, delay, message, delivery } = compose();
  const { title } = message.notification;
  const target = to === 'this' ? await ownId() : to;
  const body = { to: target, message, ...delivery };
  const later = $('offline').checked ? OFFLINE : delay;
  begin(id, { title, to: TO[to] });
  renew();
  if (later) {
    note(id, 'kept');
    const entry = await keep(body, later);
    note(id, 'kept', { entry: entry.id });
    return say(later === OFFLINE ? `“${title}” waits in the outbox until you are online.` : `“${title}” is sent in ${span(delay)}.`);
  }
  const began = Date.now();
  note(id, 'sent', { at: began });
  try {
    const { sent, failed, took, results } = await call('POST', '/demo/messages', body);
    const error = results.find((result) => result.error)?.error;
    if (error && sent === 0) throw Object.assign(new Error(error.message), error);
    if (sent + failed === 0) throw new Error('There is no device to send to yet.');
    // The server's answer was as long on its way as the question; the push services answered between.
    const at = began + (Date.now() - began - took) / 2 + (results.length > 1 ? took : results[0].took);
    note(id, 'accepted', { at, detail: sent + failed > 1 ? `${sent} of ${sent + failed} devices` : `answered ${results[0].pushService}` });
    say(sent + failed > 1 ? `Sent to ${sent} of ${sent + failed} devices.` : 'Sent.');
  } catch (error) {
    note(id, 'failed', { detail: explain(error) });
    throw error;
  }
}

export function startSend() {
  $('send').addEventListener('input', showSend);
  $('send').addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      await send();
    } catch (error) {
      say(explain(error));
      showState();
    }
  });
}
