// In Node, as a server renders: the state is unknown, and nothing is listened to.
import assert from 'node:assert/strict';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { get } from 'svelte/store';
import { createPush } from 'tidings';
import { usePush, usePushEvent } from 'tidings/react';
import { pushState } from 'tidings/svelte';
import * as vue from 'tidings/vue';
import { createSSRApp, h } from 'vue';
import { renderToString as renderVue } from 'vue/server-renderer';

const push = createPush({ server: null, applicationServerKey: '' });
const on = () => assert.fail('a server listens to nothing');
const deaf = { ...push, on, subscribeState: on };

function Page() {
  usePushEvent(deaf, 'click', on);
  return usePush(deaf).subscription;
}
assert.equal(renderToString(createElement(Page)), 'unknown');

const setup = () => {
  vue.usePushEvent(deaf, 'click', on);
  const state = vue.usePush(deaf);
  return () => h('p', state.value.subscription);
};
assert.equal(await renderVue(createSSRApp({ setup })), '<p>unknown</p>');

assert.equal(get(pushState(push)).subscription, 'unknown');
