// The whole path of a push, in real browsers: what a person does with the demo, and what their desktop shows.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { BROWSERS } from './lib/browsers.mjs';
import { runTidings } from './lib/processes.mjs';
import { eventually, stays } from './lib/wait.mjs';
import { idOf, logged, notificationsOf, openDemo, startWorld, subscriptionOf, toggle } from './lib/world.mjs';

const ON = 'Notifications are on';
const OFF = 'Notifications are off';

/** The most bytes that are encrypted for one push (RFC 8291 section 4). */
const LONGEST = 3993;

for (const name of BROWSERS) {
  describe(`the path of a push in ${name}`, { timeout: 240_000 }, () => {
    /** @type {import('./lib/world.mjs').World} */
    let world;
    let id = '';

    before(async () => void (world = await startWorld(name)));
    after(() => world?.stop());
    afterEach(() => world.clear());

    /** The one notification with this title, and no other after it. */
    const onlyNotification = async (/** @type {string} */ title) => {
      const shown = await world.desktop.waitFor((one) => one.summary === title, 20_000);
      assert.ok(await stays(() => world.desktop.calls.length === 1), `exactly one: ${JSON.stringify(world.desktop.calls)}`);
      return shown;
    };

    test('permission, then subscription, then a row in SQLite', async () => {
      const page = await openDemo(world);
      assert.equal(await page.text('#fact-permission'), 'default');
      assert.deepEqual(await world.stored(), []);
      await world.browser.setPermission(world.origin, 'granted');
      await toggle(page, ON);
      assert.equal(await page.text('#fact-permission'), 'granted');

      const subscription = await subscriptionOf(page);
      id = idOf(subscription);
      assert.equal((await world.api('GET', `/subscriptions/${id}`)).status, 200);
      const rows = await world.stored();
      assert.equal(rows.length, 1);
      assert.ok(rows[0].includes(id), rows[0]);
    });

    test('a message from the form is decrypted and shown exactly once, as it was written', async () => {
      const page = await openDemo(world);
      await page.fill('[name=title]', 'Lunch & <more>');
      await page.fill('[name=body]', 'At noon');
      await page.click('.fields > details > summary');
      await page.fill('[name=tag]', 'lunch');
      await page.click('[name=actions]');
      await page.click('#send [type=submit]');

      const shown = await onlyNotification('Lunch & <more>');
      assert.match(shown.body, /At noon$/);
      assert.deepEqual(shown.actions.map(({ label }) => label).filter((label) => ['Open', 'Later'].includes(label)), ['Open', 'Later']);
      assert.deepEqual(await notificationsOf(page), [
        {
          title: 'Lunch & <more>', body: 'At noon', icon: `${world.origin}/icon.png`, tag: 'lunch',
          actions: [{ action: 'open', title: 'Open' }, { action: 'later', title: 'Later' }],
        },
      ]);
      for (const event of ['sent', 'pushed', 'shown']) {
        await page.waitFor((name) => document.querySelector(`#log [data-event=${name}]`) !== null, 5000, event);
      }
    });

    test('a message that is kept in the outbox is sent when the person is back online', async () => {
      const page = await openDemo(world);
      await page.fill('[name=title]', 'Kept');
      await page.click('#offline');
      await page.click('#send [type=submit]');
      await page.waitFor(() => /1 waiting/.test(document.querySelector('#outbox')?.textContent ?? ''));
      assert.ok(await stays(() => world.desktop.calls.length === 0, 500), 'nothing is sent yet');
      await page.reload();
      await page.waitFor(() => /1 waiting/.test(document.querySelector('#outbox')?.textContent ?? ''));
      await page.click('#offline');
      await page.click('#offline');
      await onlyNotification('Kept');
      await page.waitFor(() => document.querySelector('#outbox')?.hasAttribute('hidden'));
    });

    test('a click focuses the open page on its target, and delivers the click to it', async () => {
      const page = await openDemo(world);
      const other = await world.browser.open('about:blank');
      await world.send(id, { title: 'Here', data: { room: 7 } });
      const shown = await onlyNotification('Here');
      assert.equal(await page.evaluate(() => document.visibilityState), 'hidden');
      world.desktop.click(shown.id);
      assert.deepEqual(await eventually(async () => (await logged(page, 'page')).length && logged(page, 'page')), ['Here: /']);
      await page.waitFor(() => document.visibilityState === 'visible');
      assert.deepEqual((await world.browser.pages()).length, 2, 'no page was opened');
      await eventually(async () => (await notificationsOf(page)).length === 0, { what: 'the notification to be closed' });
      await other.close();
    });

    test('a click with no page opens the target', async () => {
      await world.send(id, { title: 'Elsewhere', navigate: `${world.origin}/?from=push` });
      const shown = await onlyNotification('Elsewhere');
      world.desktop.click(shown.id);
      await world.browser.waitForPage(`${world.origin}/?from=push`);
      assert.equal((await world.browser.pages()).length, 1);
    });

    test('a button opens its own URL, another origin opens the app instead', async () => {
      await world.send(id, {
        title: 'Choose', navigate: 'https://elsewhere.example/',
        actions: [{ action: 'a', title: 'Read', navigate: '/?read' }, { action: 'b', title: 'Reply', navigate: '/?reply' }],
      });
      const shown = await onlyNotification('Choose');
      world.desktop.clickAction(shown.id, 'Reply');
      await world.browser.waitForPage(`${world.origin}/?reply`);
      await world.send(id, { title: 'Away', navigate: 'https://elsewhere.example/' });
      world.desktop.click((await world.desktop.waitFor((one) => one.summary === 'Away')).id);
      await world.browser.waitForPage(`${world.origin}/`);
    });

    test('a push starts a stopped worker, with no page open', async () => {
      await world.browser.stopWorkers();
      await world.send(id, { title: 'Wake up' });
      const shown = await onlyNotification('Wake up');
      await world.browser.stopWorkers();
      world.desktop.click(shown.id);
      await world.browser.waitForPage(`${world.origin}/`);
    });

    test('a message waits for a browser that is closed, and only as long as its TTL', async () => {
      await world.restart(async () => {
        await world.send(id, { title: 'Missed' }, { ttl: 0 });
        await world.send(id, { title: 'Waited' });
      });
      await onlyNotification('Waited');
    });

    test('every other payload is shown once, too', async () => {
      const { host } = new URL(world.origin);
      const random = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3]).toString('base64url');
      for (const [payload, title, body] of [
        [null, host, ''],
        [{ text: 'Just text' }, host, 'Just text'],
        [{ text: '{"title": "Legacy", "body": "Its body"}' }, 'Legacy', 'Its body'],
        [{ base64url: random }, host, undefined],
      ]) {
        const { status, body: answer } = await world.api('POST', `/subscriptions/${id}/messages`, { payload, ttl: 60 });
        assert.equal(status, 200, JSON.stringify(answer));
        const shown = await onlyNotification(/** @type {string} */ (title));
        if (body) assert.ok(shown.body.endsWith(/** @type {string} */ (body)), shown.body);
        world.desktop.close(shown.id);
        world.desktop.reset();
      }
    });

    test('the longest payload that there may be is decrypted, to its last byte', async () => {
      const page = await openDemo(world);
      const text = (/** @type {string} */ body) => JSON.stringify({ web_push: 8030, notification: { title: 'Long', navigate: '/', body } });
      const body = randomBytes(4000).toString('base64url').slice(0, LONGEST - text('').length);
      const { status } = await world.api('POST', `/subscriptions/${id}/messages`, { payload: { text: text(body) }, ttl: 60 });
      assert.equal(status, 200);
      await onlyNotification('Long');
      const [shown] = await notificationsOf(page);
      // Not `equal`, which would print them both.
      assert.ok(shown.body === body, `${shown.body.length} characters of ${body.length}`);
      assert.equal((await world.api('POST', `/subscriptions/${id}/messages`, { payload: { text: text(`${body}x`) } })).status, 413);
    });

    test('the shell sends, too', async () => {
      const { code, stdout, stderr } = await runTidings([
        'send', '--to', id, '--title', 'From the shell', '--navigate', `${world.origin}/`, '--data', world.data, '--push-service', world.service,
      ]);
      assert.equal(code, 0, stdout + stderr);
      await onlyNotification('From the shell');
    });

    test('when the browser has unsubscribed, the next send gives 410 and the row is gone', async () => {
      const page = await openDemo(world);
      await page.evaluate(async () => (await (await navigator.serviceWorker.ready).pushManager.getSubscription())?.unsubscribe());
      const { status, body } = await eventually(async () => {
        const answer = await world.api('POST', `/subscriptions/${id}/messages`, { payload: null });
        return answer.status !== 200 && answer;
      });
      assert.equal(status, 410);
      assert.equal(body.error.code, 'subscription-gone');
      assert.equal((await world.api('GET', `/subscriptions/${id}`)).status, 404);
      assert.deepEqual(await world.stored(), []);
    });

    test('turning notifications off ends the subscription in the browser and on the server', async () => {
      const page = await openDemo(world);
      assert.equal(await page.text('#state'), ON, 'what was lost is restored on load');
      assert.equal((await world.stored()).length, 1);
      await toggle(page, OFF);
      assert.equal(await subscriptionOf(page), null);
      assert.deepEqual(await world.stored(), []);
    });
  });
}
