// To whom a device belongs: a shared browser, a second device, and a subscription that the browser itself takes away.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import path from 'node:path';
import { BROWSERS, launch, wiringOf } from './lib/browsers.mjs';
import { remove, temporaryFolder } from './lib/processes.mjs';
import { eventually, stays } from './lib/wait.mjs';
import { idOf, logged, openDemo, startWorld, subscriptionOf, toggle } from './lib/world.mjs';

const ON = 'Notifications are on';

for (const name of BROWSERS) {
  describe(`users and devices in ${name}`, { timeout: 180_000 }, () => {
    /** @type {import('./lib/world.mjs').World} */
    let world;
    /** A second device. @type {import('./lib/browsers.mjs').TestBrowser} */
    let phone;
    const folder = temporaryFolder('phone');

    before(async () => {
      world = await startWorld(name);
      await world.browser.setPermission(world.origin, 'granted');
      phone = await launch(name, { wiring: await wiringOf(name, world.service), dbusAddress: world.desktop.address, profile: path.join(folder, 'browser'), allow: [world.origin] });
    });
    after(async () => {
      await phone?.close();
      await world?.stop();
      remove(folder);
    });

    const signIn = async (/** @type {import('./lib/browsers.mjs').TestPage} */ page, /** @type {string} */ user) => {
      await page.fill('[name=user]', user);
      await page.click('#sign-in button');
      await eventually(async () => (await page.text('#fact-user')) === user, { what: `the demo to say ${user}` });
      await eventually(async () => (await page.text('#fact-subscription')) === 'on the server');
    };
    const signOut = async (/** @type {import('./lib/browsers.mjs').TestPage} */ page) => {
      await page.click('#sign-out');
      await eventually(async () => (await page.text('#fact-user')) === '');
    };
    /** How many of the user's devices were sent to, and how many notifications came of it. */
    const sendTo = async (/** @type {string} */ user, /** @type {string} */ title) => {
      const { status, body } = await world.api('POST', `/users/${user}/messages`, { message: { web_push: 8030, notification: { title, navigate: `${world.origin}/` } }, ttl: 60 });
      assert.equal(status, 200, JSON.stringify(body));
      const shown = () => world.desktop.calls.filter(({ summary }) => summary === title).length;
      if (body.sent > 0) await eventually(() => shown() === body.sent, { timeout: 20_000, what: `${body.sent} × “${title}”` });
      assert.ok(await stays(() => shown() === body.sent));
      return body.sent;
    };

    test('nobody is Ada without a session', async () => {
      const page = await openDemo(world);
      await toggle(page, ON);
      const row = await world.api('GET', `/subscriptions/${idOf(await subscriptionOf(page))}`);
      assert.equal(row.body.user, null);
      const { keys, endpoint } = await subscriptionOf(page);
      const { status, body } = await world.api('PUT', '/subscriptions', { endpoint, keys, user: 'ada' });
      assert.deepEqual([status, body.error.code], [401, 'user-refused']);
    });

    test('logging out on a shared browser: the next user gets theirs only, the other device still gets its own', async () => {
      const page = await openDemo(world);
      await signIn(page, 'ada');
      const other = await phone.open(`${world.origin}/`);
      await other.waitFor(() => 'ready' in document.documentElement.dataset);
      await toggle(other, ON);
      await signIn(other, 'ada');
      assert.equal(await sendTo('ada', 'For both of Ada’s'), 2);

      await signOut(page);
      assert.equal(await sendTo('ada', 'For Ada’s phone'), 1);
      await signIn(page, 'bob');
      assert.equal(await sendTo('ada', 'Still for Ada’s phone'), 1);
      assert.equal(await sendTo('bob', 'For Bob'), 1);
      assert.equal(await page.text('#state'), ON, 'the browser is still subscribed');

      const { body } = await world.api('GET', `/subscriptions/${idOf(await subscriptionOf(page))}`);
      assert.deepEqual([body.user, body.label], ['bob', name === 'firefox' ? 'Firefox on Linux' : 'Chrome on Linux']);
    });

    test('a subscription that the browser takes away, with no page open: the worker makes a new one, still Bob’s', async () => {
      const page = await openDemo(world);
      const old = idOf(await subscriptionOf(page));
      if (name === 'firefox') {
        await world.closePages();
        // It comes back as a stranger: Firefox ends its subscriptions and tells the worker.
        await fetch(`${world.service}/control/forget-devices`, { method: 'POST' });
      } else {
        await world.closePages();
        await world.browser.setPermission(world.origin, 'denied');
        await world.browser.setPermission(world.origin, 'granted');
      }
      await eventually(async () => (await world.api('GET', `/subscriptions/${old}`)).status === 404, { timeout: 20_000, what: 'the worker to tell the server' });
      assert.equal(await sendTo('bob', 'For Bob, after the change'), 1);
      const again = await openDemo(world);
      assert.equal(await again.text('#fact-subscription'), 'on the server');
      assert.notEqual(idOf(await subscriptionOf(again)), old);
      assert.equal((await logged(again, 'failed')).length, 0);
    });
  });
}
