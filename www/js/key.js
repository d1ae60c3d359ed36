// The server's key, and a new one.

import { explain } from './advice.js';
import { $, refocus, say } from './dom.js';
import { call, push } from './shared.js';
import { isOn } from './state.js';

const show = (key) => ($('key').textContent = `${key.slice(0, 12)}…${key.slice(-6)}`);

export async function startKey() {
  $('rotate').addEventListener('click', async () => {
    $('rotate').disabled = true;
    try {
      const { publicKey } = await call('POST', '/demo/key', {});
      show(publicKey);
      const was = isOn();
      await push.refresh();
      say(was && isOn() ? 'The server has a new key, and this browser has subscribed with it.' : 'The server has a new key.');
    } catch (error) {
      say(explain(error));
    }
    $('rotate').disabled = false;
    refocus($('rotate'));
  });
  try {
    show((await call('GET', '/key')).publicKey);
  } catch (error) {
    $('key').textContent = explain(error);
  }
}
