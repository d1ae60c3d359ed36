// The types of the hooks, against those of the frameworks; nothing here runs.
import { fromStore, type Readable } from 'svelte/store';
import { createPush, type State } from 'tidings';
import * as react from 'tidings/react';
import * as svelte from 'tidings/svelte';
import * as vue from 'tidings/vue';
import { computed, type Ref, type ShallowUnwrapRef } from 'vue';

const push = createPush();

export const inReact: State = react.usePush(push);
react.usePushEvent(push, 'click', ({ url }) => url.length);
// @ts-expect-error there is no such event
react.usePushEvent(push, 'clik', () => {});

const ref: Readonly<Ref<State>> = vue.usePush(push);
export const saved = computed(() => ref.value.subscription === 'saved');
// Templates take the value out of it.
export const inTemplate = (given: ShallowUnwrapRef<{ state: ReturnType<typeof vue.usePush> }>): State => given.state;
vue.usePushEvent(push, 'shown', ({ title, shown }) => title.length + shown);
// @ts-expect-error an event has no such member
vue.usePushEvent(push, 'shown', ({ url }) => url);

const store: Readable<State> = svelte.pushState(push);
export const worker: 'none' | 'waiting' | 'active' = fromStore(store).current.worker;
export const end: () => void = svelte.onPush(push, 'close', ({ tag }) => tag.length);
