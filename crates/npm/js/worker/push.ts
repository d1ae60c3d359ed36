// The `push` event: whatever arrived, exactly one notification.

import { after, effects, receipt } from './effects';
import type { Job } from './jobs';
import type { PushChange, WorkerOptions } from './options';
import { KEY, windows } from './pages';
import { acceptsAll, plainPush } from './plain';
import { type Plan, rust } from './wasm';

declare const self: ServiceWorkerGlobalScope;

/** How long a page may take to say that it takes a message over, in milliseconds, if the app does not say. */
const OFFER = 1000;
/** How long the app's hook may take, in milliseconds, if the app does not say. */
const HOOK = 5000;
/** How long a push event stays open after its notification is up, in milliseconds. */
const LINGER = 300;

/** Handles one push; rejects only if the browser shows nothing at all. */
export async function pushed(event: PushEvent, options: WorkerOptions, job: Job): Promise<void> {
  const received = Date.now();
  const native = (event as any).notification as Notification | null | undefined;
  const { payload, isText } = native ? { payload: undefined, isText: false } : read(event.data);
  let plan: Plan | undefined;
  try {
    plan = native ? ofNative(native) : decide(payload, isText, options, received);
    if (!plan) return log(options, 'left to others', payload);
    const decided = plan;
    const finish = (change?: unknown) => rust(({ finish }) => finish(decided, change, self.registration.scope, maxActions()));
    job.declare(plan.title, () => finish().options);

    const offered = options.foreground && !native && silenceAllowed() && (await offer(decided, options));
    if (offered) return log(options, 'a page took it over', decided.title);
    const change = options.onPush && (await hook(decided, event, options, job));
    // Safari shows its own by itself, unless the hook has another.
    if (!native || change) {
      const { title, options: final } = finish(change);
      if (native) final.navigate = change?.navigate ?? decided.navigate;
      log(options, job.shown ? 'shown by the hook' : 'show', title);
      await job.show(title, final);
      // What comes after is about what is shown.
      plan = { ...decided, title, options: { ...decided.options, ...change?.options } };
    }
  } catch (error) {
    report(options, error, 'push');
    try {
      if (!job.shown) await plainPush(payload, options, job);
    } catch (last) {
      // The browser shows nothing at all, for example without permission.
      if (plan) await receipt(options, 'failed', plan);
      throw last;
    }
  }
  // A promise of its own: what fails after the notification must not show it again. And a short one: Chromium keeps the
  // next push until this event ends, and minds a notification that is closed before; the worker lives on for a while.
  if (plan) event.waitUntil(Promise.race([effects(plan, options, received), after(LINGER)]));
}

/** The payload as JSON, or as text; `undefined` if there is none. */
function read(data: PushMessageData | null): { payload: unknown; isText: boolean } {
  try {
    return { payload: data?.json(), isText: false };
  } catch {
    const text = data?.text();
    try {
      // Chromium leaves a byte order mark in its place, where "UTF-8 decode" takes it away.
      if (text?.startsWith('\ufeff')) return { payload: JSON.parse(text.slice(1)), isText: false };
    } catch {
      // Text it is.
    }
    return { payload: text, isText: true };
  }
}

/** What Safari has parsed and will show. */
function ofNative({ title, body, tag, lang, dir, icon, silent, data, navigate = self.registration.scope }: any): Plan {
  return { kind: 'native', title, options: { body, tag, lang, dir, icon, silent, data }, navigate, data, id: data?.[KEY]?.id, expired: false, payload: null };
}

/** Is it ours, and what does it ask to show? The app's own functions for both are asked here. */
function decide(payload: unknown, isText: boolean, options: WorkerOptions, now: number): Plan | undefined {
  const { accepts, map } = options;
  const ask = <T>(name: string, run: () => T, otherwise: T): T => {
    try {
      return run();
    } catch (error) {
      report(options, error, name);
      return otherwise;
    }
  };
  const { scope } = self.registration;
  const plan = (payload: unknown, isText: boolean, all: boolean): Plan | undefined =>
    rust((module) => module.plan(payload, isText, all, { title: self.location.host, ...options }, scope, now));
  const declared = plan(payload, isText, false);
  if (typeof accepts === 'function' ? !ask('accepts', () => accepts(payload), Boolean(declared)) : !declared && !acceptsAll(options)) {
    return undefined;
  }
  if (declared) return declared;
  if (map && payload !== undefined) {
    const mapped: any = ask('map', () => map(payload), undefined);
    const message = mapped?.web_push ? mapped : { web_push: 8030, notification: { navigate: '', ...mapped } };
    const made = mapped && plan(message, false, false);
    if (made) return { ...made, kind: 'json', payload };
  }
  return plan(payload, isText, true);
}

/** Asks the app's hook; what it throws, or its being late, changes nothing. */
async function hook(plan: Plan, event: PushEvent, options: WorkerOptions, job: Job): Promise<PushChange | undefined> {
  try {
    job.hooked = true;
    const change = await Promise.race([options.onPush?.({ ...plan, options: { ...plan.options } }, event), after(options.deadline ?? HOOK)]);
    if (typeof change !== 'object' || !change) return undefined;
    // A copy, so that a getter that throws does so here.
    const { title, navigate, options: more } = change;
    return { title, navigate, options: { ...more } };
  } catch (error) {
    report(options, error, 'onPush');
    return undefined;
  }
}

/** Whether the visible page that was used last takes the message over. */
async function offer(plan: Plan, { foreground }: WorkerOptions): Promise<boolean> {
  const page = (await windows().catch(() => [])).find(({ visibilityState }) => visibilityState === 'visible');
  if (!page) return false;
  const { port1, port2 } = new MessageChannel();
  const { payload, ...message } = plan;
  const answer = new Promise<boolean>((resolve) => (port1.onmessage = ({ data }) => resolve(data === true)));
  page.postMessage({ ...message, [KEY]: 'message' }, [port2]);
  return (await Promise.race([answer, after(typeof foreground === 'number' ? foreground : OFFER)])) === true;
}

/** How many buttons the platform shows; where it does not say, it shows what it can of those it gets. */
const maxActions = () => (Notification as any).maxActions ?? 99;

/**
 * Whether a visible page makes a push without a notification free of charge: Chromium and Firefox, found by what only
 * they have. Where in doubt, show.
 */
const silenceAllowed = () => 'maxActions' in Notification && !('notification' in PushEvent.prototype);

export function report(options: WorkerOptions, error: unknown, context: string): void {
  log(options, context, error);
  try {
    options.onError?.(error, context);
  } catch {
    // An error of the error's hook is nobody's.
  }
}

/** Each decision with its reason, if the app wants to know. Never a subscription's keys. */
export function log({ debug }: WorkerOptions, decision: string, reason: unknown): void {
  if (debug) console.debug('[tidings]', decision, reason);
}

