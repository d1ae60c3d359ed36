// The test looks at how many listeners the components have.
import { push } from './push.js';

const counted = (window.app = { listeners: 0, errors: [], unmount: undefined });
for (const name of ['on', 'subscribeState']) {
  const original = push[name];
  push[name] = (...given) => {
    const end = original(...given);
    let ended = false;
    counted.listeners++;
    return () => {
      if (!ended) counted.listeners--;
      ended = true;
      end();
    };
  };
}
