// The page of the chat. The worker in Rust speaks the protocol of the page entry of the npm package.

import { createPush } from '/tidings/index.js';
import { createOutbox } from '/tidings/outbox.js';

const push = createPush();
const say = (text) => log.append(Object.assign(document.createElement('li'), { textContent: text }));
const show = (url) => (room.value = new URL(url).searchParams.get('room') ?? 'none');

show(location.href);
push.on('shown', ({ title }) => say(`shown: ${title}`));
push.on('click', ({ url, action }) => {
  say(`clicked: ${action || 'the notification'}`);
  show(url);
});

on.onclick = async () => {
  try {
    await push.subscribe();
    state.value = 'on';
  } catch (error) {
    state.value = error.code;
  }
};

// The worker's `on_job` sends it, now or when there is a network again.
const outbox = createOutbox();
outbox.on(({ state }) => (waiting.value = state.pending ? `${state.pending} waiting` : ''));
write.onsubmit = async (event) => {
  event.preventDefault();
  const { text } = write.elements;
  await outbox.add({ type: 'say', data: { room: Number(room.value) || 1, text: text.value } });
  text.value = '';
};
