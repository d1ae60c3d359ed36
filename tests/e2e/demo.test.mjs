// The demo, used as a person does: each control, in both browsers, and without a barrier that axe-core finds in any state.
// TIDINGS_SHOTS=folder keeps a picture of each state.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { BROWSERS } from './lib/app.mjs';
import { eventually, stays } from './lib/wait.mjs';
import { idOf, notificationsOf, openDemo, startWorld, subscriptionOf, toggle } from './lib/world.mjs';

/** @typedef {import('./lib/browsers.mjs').TestPage} TestPage */

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The steps of a push that is clicked. The push service may answer its sender after it has delivered. */
const WAY = ['sent', 'pushed', 'shown', 'clicked', 'page', 'accepted'];
const inOrder = (/** @type {object} */ steps) => Object.keys(steps).sort((a, b) => Number(a === 'accepted') - Number(b === 'accepted'));
const SHOTS = process.env.TIDINGS_SHOTS;

for (const name of BROWSERS) {
  describe(`the demo in ${name}`, { timeout: 180_000 }, () => {
    /** @type {import('./lib/world.mjs').World} */
    let world;
    before(async () => void (world = await startWorld(name)));
    after(() => world?.stop());
    afterEach(() => world.clear());

    const says = (/** @type {TestPage} */ page, /** @type {string} */ selector, /** @type {RegExp} */ text) =>
      eventually(async () => text.test(await page.text(selector)), { what: `${selector} to say ${text}` });
    const shows = (/** @type {string} */ title) => world.desktop.waitFor(({ summary }) => summary === title, 20_000);
    /** What is in a list, row by row. */
    const rows = (/** @type {TestPage} */ page, /** @type {string} */ list) =>
      page.evaluate((list) => [...document.querySelectorAll(`${list} > li`)].map((row) => row.querySelector('p')?.textContent ?? ''), list);
    const isShown = (/** @type {TestPage} */ page, /** @type {string} */ selector) =>
      page.evaluate((selector) => document.querySelector(selector)?.checkVisibility(), selector);
    /** Opens what is folded away. */
    const unfold = (/** @type {TestPage} */ page, /** @type {number} */ which) =>
      page.puppeteer.locator(`.fields > details:nth-of-type(${which}) > summary`).click();
    const select = (/** @type {TestPage} */ page, /** @type {string} */ field, /** @type {string} */ value) => page.puppeteer.select(`[name=${field}]`, value);
    /** Writes a title and sends. */
    const send = async (/** @type {TestPage} */ page, /** @type {string} */ title) => {
      await page.fill('[name=title]', title);
      await page.click('#send [type=submit]:not([disabled])');
    };
    /** The steps of the push with that title, or else of the last one, by name, with what they took in milliseconds. */
    const steps = (/** @type {TestPage} */ page, /** @type {string | undefined} */ title = undefined) =>
      page.evaluate((title) => {
        const push = [...document.querySelectorAll('#log > li')].find((push) => !title || push.querySelector('h3')?.textContent === title);
        const made = push?.querySelectorAll('[data-event]:not([data-event=""])') ?? [];
        return Object.fromEntries([...made].map((step) => [step.dataset.event, step.querySelector('time') && Number(step.querySelector('time').dataset.ms)]));
      }, title);
    const untilStep = (/** @type {TestPage} */ page, /** @type {string} */ step, /** @type {string | undefined} */ title = undefined) =>
      eventually(async () => step in (await steps(page, title)), { what: `the timeline to have “${step}”` });

    /** Nothing for axe to find, in light and dark, on a phone and on a desk. Firefox cannot be made to look so. */
    const look = async (/** @type {TestPage} */ page, /** @type {string} */ state) => {
      if (name !== 'chromium') return;
      await page.puppeteer.evaluate(AXE);
      for (const [width, height] of [[390, 844], [1280, 900]]) {
        for (const scheme of ['light', 'dark']) {
          await page.puppeteer.setViewport({ width, height });
          await page.puppeteer.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }, { name: 'prefers-reduced-motion', value: 'reduce' }]);
          const found = await page.evaluate(async () => {
            // A colour that is still on its way is not the page's.
            await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
            const { violations } = await /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ['violations'] });
            return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ''}`).join(' | ')}`);
          });
          assert.deepEqual(found, [], `${state}, ${scheme}, ${width} px`);
          const wide = await page.evaluate(() =>
            document.documentElement.scrollWidth > innerWidth ? [...document.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > innerWidth).map(({ outerHTML }) => outerHTML.slice(0, 80)) : []);
          assert.deepEqual(wide, [], `${state} fits ${width} px`);
          if (!SHOTS) continue;
          mkdirSync(SHOTS, { recursive: true });
          await page.puppeteer.screenshot({ path: path.join(SHOTS, `${state}-${width}-${scheme}.png`), fullPage: state !== 'question' });
        }
      }
      await page.puppeteer.setViewport({ width: 1280, height: 900 });
      await page.puppeteer.emulateMediaFeatures([]);
    };

    test('it asks in two steps, and then everything is in order', async () => {
      const page = await openDemo(world);
      assert.equal(await page.text('#state'), 'Notifications are off');
      assert.equal(await page.evaluate(() => document.querySelector('#send [type=submit]')?.disabled), true, 'nobody to send to');
      assert.match(await page.text('#why-not'), /Turn on/);
      await look(page, 'fresh');
      await page.click('#toggle:not([disabled])');
      await page.waitFor(() => document.querySelector('tidings-prompt')?.shadowRoot?.querySelector('dialog')?.open);
      assert.equal(await page.text('#fact-permission'), 'default', 'the browser was not asked yet');
      await look(page, 'question');
      // The person's yes to the browser's own question.
      await world.browser.setPermission(world.origin, 'granted');
      await page.click('>>> [part~=accept]');
      await says(page, '#state', /^Notifications are on$/);
      await says(page, '#said', /push service is /);
      await says(page, '#fact-subscription', /^on the server$/);
      assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('#facts > div')].map(({ dataset }) => dataset.good)), ['yes', 'yes', 'yes', 'yes']);
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'toggle', 'the focus is where it was');
      assert.equal(await page.evaluate(async () => (await (await fetch('/manifest.webmanifest')).json()).display), 'standalone');
      await look(page, 'subscribed');
    });

    test('what the preview shows is what arrives, and the timeline tells each step', async () => {
      const page = await openDemo(world);
      await page.fill('[name=body]', 'At noon,\nat the usual place');
      await page.fill('[name=navigate]', '/?lunch');
      await page.click('[name=actions]');
      await page.fill('[name=open]', 'I am coming');
      await unfold(page, 1);
      await page.fill('[name=image]', '/picture.png');
      await page.fill('[name=tag]', 'lunch');
      await page.fill('[name=badge]', '3');
      await page.click('[name=requireInteraction]');
      await page.click('[name=silent]');
      await unfold(page, 2);
      await select(page, 'urgency', 'high');
      await select(page, 'ttl', '3600');
      await page.fill('[name=topic]', 'lunch');
      await page.fill('[name=title]', 'Lunch & <more>');
      const preview = await page.evaluate(() => ({
        title: document.querySelector('[data-preview=title]')?.textContent,
        body: document.querySelector('[data-preview=body]')?.textContent,
        icon: document.querySelector('.toast-icon')?.src,
        image: document.querySelector('.toast-image')?.src,
        actions: [...document.querySelectorAll('.toast-actions li')].map(({ textContent }) => textContent),
        notes: document.querySelector('[data-preview=notes]')?.textContent,
      }));
      assert.deepEqual(preview.actions, ['I am coming', 'Later']);
      assert.match(preview.notes, /stays .* without a sound .*“lunch”/);
      const json = JSON.parse(await page.text('#json'));
      assert.equal(json.app_badge, 3);
      await page.click('#send [type=submit]:not([disabled])');

      const shown = await shows('Lunch & <more>');
      assert.match(shown.body.replaceAll('<br>', '\n'), /At noon,\s*at the usual place$/);
      for (const label of preview.actions) assert.ok(shown.actions.some((action) => action.label === label), label);
      const [listed] = await page.evaluate(async () =>
        (await (await navigator.serviceWorker.getRegistration())?.getNotifications())?.map(({ title, body, icon, image, tag, silent, requireInteraction, actions }) => ({
          title, body, icon, image, tag, silent, requireInteraction, actions: actions?.map(({ title }) => title),
        })) ?? [],
      );
      const { title, body, icon, image, actions } = preview;
      // Firefox shows no images, and says so by having no such member.
      const has = await page.evaluate(() => 'image' in Notification.prototype);
      assert.deepEqual(listed, { title, body, icon, image: has ? image : undefined, actions, tag: 'lunch', silent: true, requireInteraction: true });

      await untilStep(page, 'shown');
      await says(page, '#shown', /Lunch/);
      world.desktop.clickAction(shown.id, 'I am coming');
      await untilStep(page, 'page');
      await untilStep(page, 'clicked');
      const made = await steps(page);
      assert.deepEqual(inOrder(made), WAY);
      const { sent, ...took } = made;
      assert.equal(sent, null, 'the first took nothing');
      for (const [step, ms] of Object.entries(took)) assert.ok(ms >= 0 && ms < 20_000, `${step} took ${ms} ms`);
      await says(page, '#log', /button “open”, \/\?open/);
      await says(page, '#log', /shown \d+(\.\d)? m?s after it was sent/);
    });

    test('a click that opens the page completes the timeline there', async () => {
      const page = await openDemo(world);
      await send(page, 'Open me');
      const shown = await shows('Open me');
      await untilStep(page, 'shown');
      await look(page, 'pushed');
      await page.close();
      world.desktop.click(shown.id);
      const opened = await world.browser.waitForPage(`${world.origin}/`);
      await untilStep(opened, 'page');
      await untilStep(opened, 'clicked');
      assert.deepEqual(inOrder(await steps(opened)), WAY);
      await opened.click('#forget-timeline');
      assert.deepEqual(await rows(opened, '#log'), []);
    });

    test('a new key of the server, and the next message arrives', async () => {
      const page = await openDemo(world);
      const [key, endpoint] = [await page.text('#key'), (await subscriptionOf(page)).endpoint];
      await page.click('#rotate:not([disabled])');
      await says(page, '#said', /new key, and this browser has subscribed with it/);
      assert.notEqual(await page.text('#key'), key);
      assert.notEqual((await subscriptionOf(page)).endpoint, endpoint);
      await says(page, '#fact-subscription', /^on the server$/);
      await send(page, 'With the new key');
      await shows('With the new key');
    });

    test('a person signs in, sees and removes devices, and sends to all of theirs', async () => {
      const page = await openDemo(world);
      assert.equal(await page.evaluate(() => document.querySelector('[name=to][value=mine]')?.disabled), true);
      await page.click('[data-user=ada]');
      await says(page, '#fact-user', /^ada$/);
      await eventually(async () => (await rows(page, '#devices')).length === 1);
      assert.match((await rows(page, '#devices'))[0], /this device, seen just now/);
      // Another device of Ada's, that is lost.
      const lost = await page.evaluate(async (device) => {
        const { endpoint, keys } = (await (await navigator.serviceWorker.ready).pushManager.getSubscription())?.toJSON() ?? {};
        const other = { endpoint: `${endpoint}-lost`, keys, device, label: 'Lost phone', user: 'ada' };
        await fetch('/api/v1/subscriptions', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(other) });
        return other;
      }, crypto.randomUUID());
      await page.reload();
      await eventually(async () => (await rows(page, '#devices')).length === 2);
      await page.click('[aria-label="Remove Lost phone"]');
      await eventually(async () => (await rows(page, '#devices')).length === 1);
      assert.equal((await world.api('GET', `/subscriptions/${idOf(lost)}`)).body.user, null, 'it is nobody’s');

      await page.click('.choice:has([value=mine])');
      await send(page, 'To Ada');
      await shows('To Ada');
      await page.click('.choice:has([value=everyone])');
      await send(page, 'To all');
      await shows('To all');
      await says(page, '#said', /^Sent/);
    });

    test('what is sent offline, or later, waits in the outbox', async () => {
      const page = await openDemo(world);
      await page.click('#offline');
      await send(page, 'Kept');
      await says(page, '#outbox', /^1 waiting/);
      await send(page, 'Thrown away');
      await says(page, '#outbox', /^2 waiting/);
      assert.deepEqual(await rows(page, '#waiting'), ['Keptuntil you are online', 'Thrown awayuntil you are online']);
      await page.click('[aria-label="Discard “Thrown away”"]');
      await says(page, '#outbox', /^1 waiting/);
      await look(page, 'outbox');
      assert.ok(await stays(() => world.desktop.calls.length === 0, 300), 'nothing is sent yet');
      await page.click('#offline');
      await shows('Kept');
      await page.waitFor(() => document.querySelector('#outbox')?.hasAttribute('hidden'));
      await untilStep(page, 'shown', 'Kept');
      assert.deepEqual(Object.keys(await steps(page, 'Thrown away')), ['kept', 'failed']);

      await unfold(page, 2);
      await select(page, 'delay', '600');
      await send(page, 'Later');
      await eventually(async () => /^Laterin \d+ (minutes|s)$/.test((await rows(page, '#waiting'))[0]));
      assert.ok(await stays(() => world.desktop.calls.length === 1, 300), 'nor this');
      await page.click('[aria-label="Send now: “Later”"]');
      await shows('Later');
      await untilStep(page, 'accepted');
      assert.deepEqual(Object.keys(await steps(page)).slice(0, 2), ['kept', 'sent']);
    });

    test('what is on the screen can be closed, and the number on the icon set', async () => {
      const page = await openDemo(world);
      await send(page, 'On the screen');
      const shown = await shows('On the screen');
      await eventually(async () => (await rows(page, '#shown')).length === 1);
      await page.click('[aria-label="Close “On the screen”"]');
      await world.desktop.waitClosed(shown.id);
      await eventually(async () => (await rows(page, '#shown')).length === 0);
      assert.deepEqual(await notificationsOf(page), []);
      const badge = await page.evaluate(() => 'setAppBadge' in navigator);
      assert.deepEqual([await isShown(page, '#badge'), await isShown(page, '#badge-note')], [badge, !badge]);
      if (badge) {
        await page.fill('[name=count]', '4');
        await page.click('#badge button');
        await says(page, '#said', /carries a 4/);
      }
    });

    test('signing out and turning off leave nothing behind', async () => {
      const page = await openDemo(world);
      assert.equal(await page.text('#fact-user'), 'ada', 'still signed in');
      await page.click('#sign-out');
      await says(page, '#fact-user', /^$/);
      assert.equal(await isShown(page, '#sign-in'), true);
      await toggle(page, 'Notifications are off');
      assert.equal(await subscriptionOf(page), null);
      assert.deepEqual(await world.stored(), []);
    });

    test('where there is no push, it says so and what to do', async () => {
      const page = await world.browser.open('about:blank');
      await page.puppeteer.evaluateOnNewDocument(() => Reflect.deleteProperty(globalThis, 'PushManager'));
      await page.goto(`${world.origin}/`);
      await page.waitFor(() => 'ready' in document.documentElement.dataset);
      assert.equal(await page.text('#state'), 'Notifications are not possible');
      assert.match(await page.text('#next'), /no web push. Try another browser/);
      assert.equal(await page.text('#fact-support'), 'no-push');
      assert.equal(await isShown(page, '#toggle'), false);
      await look(page, 'obstacle');
    });

    test('nothing was refused by the policy, and nothing was thrown', () => {
      const bad = world.browser.messages.filter((message) => /Content.Security.Policy|^error:/i.test(message));
      assert.deepEqual(bad, []);
    });
  });
}
