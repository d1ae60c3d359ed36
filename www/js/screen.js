// What is shown now, and the number on the app's icon.

import { act, $, make, say } from './dom.js';
import { here, push } from './shared.js';

export async function showScreen() {
  const shown = here.supported ? await push.notifications().catch(() => []) : [];
  $('shown').replaceChildren(...shown.map(row));
  $('shown-empty').hidden = shown.length > 0;
}

const row = (notification) =>
  make(
    'li', {},
    make('p', {}, notification.title, make('small', {}, notification.body)),
    act('Close', `Close “${notification.title}”`, () => {
      notification.close();
      say(`“${notification.title}” was closed.`);
      // Browsers take a moment to notice.
      setTimeout(showScreen, 200);
    }),
  );

export async function startScreen() {
  $('badge').hidden = !here.badge;
  $('badge-note').hidden = here.badge;
  $('badge').addEventListener('submit', async (event) => {
    event.preventDefault();
    const count = Number($('badge').elements.count.value);
    await push.setBadge(count);
    say(count ? `The icon carries a ${count}, if the app is installed.` : 'The icon carries no number.');
  });
  addEventListener('focus', showScreen);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && showScreen());
  await showScreen();
}
