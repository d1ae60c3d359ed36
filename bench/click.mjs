// The time from a click on a notification, while no worker runs, until its window is there: opened, or brought to the front.
//
// Measured from outside of the worker: from the desktop's signal on D-Bus to the browser's own news of a new tab
// (Target.targetCreated), or to the page's that it is visible now. The browser's part of that is the same for all.

import { setTimeout as delay } from 'node:timers/promises';
import { startStage } from '../tests/e2e/lib/app.mjs';
import { within } from '../tests/e2e/lib/wait.mjs';
import { contenders, serve, turns } from './contenders.mjs';
import { devtools, sessionOf } from './lib/devtools.mjs';
import { table } from './lib/markdown.mjs';
import { bars } from './lib/plot.mjs';
import { noise, ratio, spread, summary } from './lib/statistics.mjs';

/** @typedef {import('./contenders.mjs').Contender} Contender */
/** @typedef {Contender & { opens: number[], focuses: number[] }} Measured milliseconds */

const PAGE = '<!doctype html><meta charset="utf-8"><title>the target of a click</title>';
const HOW = /** @type {const} */ (['opens', 'focuses']);

/** @param {{ runs: number, warmUp?: number, few?: string[] }} options */
async function measure({ runs, warmUp = 2, few }) {
  /** @type {Measured[]} */
  const all = (await contenders(few)).map((one) => ({ ...one, opens: [], focuses: [] }));
  /** Paths of the pages that were loaded. @type {string[]} */
  const loaded = [];
  const stage = await startStage('chromium', (app) => {
    serve(app, all);
    for (const { scope } of all) {
      app.add(`${scope}*`, ({ url = '' }) => {
        loaded.push(url);
        return { type: 'text/html', body: PAGE };
      });
    }
  });
  try {
    const { browser, desktop, app } = stage;
    const observer = await stage.observe();
    for (const { id, scope } of all) await stage.subscribe(`/w/${id}.js`, scope);
    // One of them takes any window of the site for the target.
    await observer.close();
    stage.observer = undefined;
    const front = (await browser.pages())[0];
    const tools = await devtools(await sessionOf(front), app.origin);
    const targets = await browser.puppeteer.target().createCDPSession();
    let created = (/** @type {string} */ _target) => {};
    targets.on('Target.targetCreated', ({ targetInfo }) => targetInfo.type === 'page' && created(targetInfo.targetId));
    await targets.send('Target.setDiscoverTargets', { discover: true });

    /** Shows a notification, and stops everything. @param {Measured} one */
    const notified = async (one) => {
      const calls = desktop.calls.length;
      // Chromium loses the click on a notification whose tag was clicked just before.
      await tools.push(one.scope, one.message(app.origin).replace('chat-7', `chat-7-${calls}`));
      const { id } = await desktop.waitFor(() => true, 5_000, { since: calls });
      await delay(30);
      for (const { scope } of all) await tools.stop(scope);
      return id;
    };
    /** Clicks, and gives the milliseconds until what `happened` promises. @template T @param {number} id @param {Promise<T>} happened @param {string} what */
    const clicked = async (id, happened, what) => {
      const start = performance.now();
      const end = happened.then((value) => ({ ms: performance.now() - start, value }));
      desktop.click(id);
      return within(end, 10_000, what);
    };
    const opens = async (/** @type {Measured} */ one) => {
      const id = await notified(one);
      const before = loaded.length;
      const target = new Promise((/** @type {(target: string) => void} */ resolve) => void (created = resolve));
      const { ms, value: targetId } = await clicked(id, target, `${one.what} to open a window`);
      for (let wait = 0; wait < 200 && loaded.length === before; wait++) await delay(10);
      if (loaded[before] !== one.target) throw new Error(`${one.what} opened ${loaded[before]} in place of ${one.target}`);
      await targets.send('Target.closeTarget', { targetId });
      return ms;
    };
    const focuses = async (/** @type {Measured} */ one) => {
      const page = await browser.open(app.origin + one.target);
      await front.bringToFront();
      await page.waitFor(() => document.visibilityState === 'hidden');
      let seen = () => {};
      await page.puppeteer.exposeFunction('seen', () => seen());
      await page.evaluate(() => document.addEventListener('visibilitychange', () => /** @type {any} */ (globalThis).seen(), { once: true }));
      const id = await notified(one);
      const before = loaded.length;
      const visible = new Promise((/** @type {(value?: undefined) => void} */ resolve) => void (seen = resolve));
      const { ms } = await clicked(id, visible, `${one.what} to focus its window`);
      if (loaded.length !== before) throw new Error(`${one.what} opened ${loaded[before]} where it should focus`);
      await page.close();
      return ms;
    };
    for (let round = -warmUp; round < runs; round++) {
      for (const [how, once] of /** @type {const} */ ([['opens', opens], ['focuses', focuses]])) {
        for (const one of turns(all, round)) {
          const ms = await once(one);
          if (round >= 0) one[how].push(ms);
          await delay(50); // The tab closes.
        }
      }
    }
  } finally {
    await stage.stop();
  }
  return all;
}

/** @type {import('./report.mjs').Section} */
export const click = {
  name: 'click',
  title: 'A click, until its window is there',
  runs: 12,
  async make({ runs, smoke }) {
    const all = await measure({ runs, warmUp: smoke ? 0 : 2, few: smoke });
    const [hand, again] = all;
    const rows = all.map((one) => [one.what, ...HOW.flatMap((how) => [spread(one[how]), ratio(one[how], hand[how]).toFixed(2)])]);
    const text = `Chromium; from the desktop's signal on D-Bus, while no service worker runs, to the browser's own news of a new tab, or to the
page's that it is visible now, in milliseconds: the median of ${runs} (and the quartiles), and how many times that of a worker written
by hand. "Opens": no page of the site is open. "Focuses": a page with the target's URL is open behind another tab. All lead to the
same place, in the form that each understands; that they did is checked. Noise: ${HOW.map((how) => `${noise(again[how], hand[how])} ${how}`).join(', ')}.

![Opens and focuses, median and quartiles](click.svg)

${table(['worker', 'opens, ms', '×', 'focuses, ms', '×'], rows)}

Most of it is the browser's own: it makes a tab. Where a page is open, Angular's and Firebase's workers focus the first one that
they find, whatever it shows; the others look for the one with the URL.
`;
    const groups = all.map((one) => ({ name: one.what, values: HOW.map((how) => summary(one[how])) }));
    return { text, plots: { 'click.svg': bars({ label: 'Milliseconds from a click to its window, opened and focused, by worker', series: [...HOW], groups }) } };
  },
};
