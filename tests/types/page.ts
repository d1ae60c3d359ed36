// The types of `tidings`, checked by tsc against the packed package; nothing here runs.

import { createPush, environment, PushError, type Environment, type Obstacle, type Push, type PushErrorCode, type Refusal, type ScriptURL, type State } from 'tidings';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

// Everything has a default.
const push: Push = createPush();
createPush({ server: null, applicationServerKey: 'B…', upload: async (change, method) => method === 'PUT' && 'keys' in change });
// Where the worker is: a text, a URL, or what a policy of Trusted Types makes.
declare const policy: TrustedTypePolicy;
createPush({ worker: new URL('/worker.js', 'https://a.example') });
createPush({ worker: policy.createScriptURL('/worker.js') });
same<ScriptURL extends TrustedScriptURL ? true : false, true>(true);
// @ts-expect-error neither
createPush({ worker: 5 });
// @ts-expect-error another trusted type
createPush({ worker: policy.createHTML('/worker.js') });
// @ts-expect-error there is no such option
createPush({ wroker: '/worker.js' });
// @ts-expect-error a key is a string
createPush({ applicationServerKey: new Uint8Array(65) });

same<ReturnType<Push['subscribe']>, Promise<PushSubscription>>(true);
same<ReturnType<Push['subscription']>, Promise<PushSubscription | null>>(true);
same<ReturnType<Push['unsubscribe']>, Promise<boolean>>(true);
same<ReturnType<Push['refresh']>, Promise<State>>(true);
same<ReturnType<Push['identify']>, Promise<void>>(true);
same<ReturnType<Push['closeNotifications']>, Promise<number>>(true);

// An obstacle is there exactly where push is not supported.
const here: Environment = environment();
if (here.supported) {
  // @ts-expect-error none
  here.obstacle;
} else {
  same<typeof here.obstacle, Obstacle>(true);
}

// The store contract, as React, Svelte and Vue want it.
declare function useSyncExternalStore<T>(subscribe: (listener: () => void) => () => void, getSnapshot: () => T, getServerSnapshot?: () => T): T;
same<State, ReturnType<typeof snapshot>>(true);
const snapshot = () => useSyncExternalStore(push.subscribeState, push.getState, push.getState);
const state = push.getState();
// @ts-expect-error it cannot be changed
state.permission = 'granted';
if (state.subscription === 'saved') same<typeof state.subscription, 'saved'>(true);
// @ts-expect-error there is no such word
state.subscription === 'on';

// Errors are a union that `code` tells apart.
async function subscribe() {
  try {
    await push.subscribe();
  } catch (error) {
    if (!(error instanceof PushError)) throw error;
    switch (error.code) {
      case 'server-refused':
      case 'user-refused':
        same<typeof error.cause, Refusal | undefined>(true);
        return error.cause?.status;
      default:
        same<typeof error.cause, unknown>(true);
    }
    // @ts-expect-error there is no such code
    error.code === 'denied';
  }
}
const advice: Partial<Record<PushErrorCode, string>> = { 'needs-install': 'Add it to the Home Screen' };

// Events.
const end: () => void = push.on('click', ({ url, action, data }) => {
  same<typeof url, string>(true);
  same<typeof data, unknown>(true);
  action.length;
});
push.on('message', (offer) => offer.preventDefault());
// @ts-expect-error there is no such event
push.on('clik', () => {});

export { advice, end, subscribe };
