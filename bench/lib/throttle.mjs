// A slower processor, for a whole browser.
//
// DevTools slows the main thread of a page; asked for a service worker it answers "Operation is only supported for pages, not
// workers". So the browser's process group is stopped and continued in turns, by SIGSTOP and SIGCONT: with rate 4 it runs for
// one quarter of each period. All of its processes and threads slow down alike; disk and network do not. How much slower it
// really was is measured, by a loop in a page, and belongs into the report.

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { within } from '../../tests/e2e/lib/wait.mjs';

/** In milliseconds: short beside what is measured, long beside what a signal takes. */
const PERIOD = 3;

/** The thread that keeps time, so that the measuring one does not have to. Two numbers are shared: the rate, and "end". */
const CLOCK = `
const { parentPort, workerData: { group, period, shared } } = require('node:worker_threads');
const nap = new Int32Array(new SharedArrayBuffer(4));
const send = (signal) => { try { process.kill(-group, signal); } catch {} }; // It may have ended.
let slow = false;
for (;;) {
  const rate = Atomics.load(shared, 0) / 1000;
  if (rate <= 1) {
    if (slow) parentPort.postMessage('continued');
    slow = false;
    Atomics.wait(shared, 0, 1000);
    if (Atomics.load(shared, 1)) break;
    continue;
  }
  slow = true;
  send('SIGSTOP');
  Atomics.wait(nap, 0, 0, period - period / rate);
  send('SIGCONT');
  Atomics.wait(nap, 0, 0, period / rate);
}
`;

export class Throttle {
  #shared = new Int32Array(new SharedArrayBuffer(8));
  #clock;

  /** @param {number} group the process id of the browser, which leads a process group */
  constructor(group) {
    this.#shared[0] = 1000;
    this.#clock = new Worker(CLOCK, { eval: true, workerData: { group, period: PERIOD, shared: this.#shared } });
  }

  /** How many times slower it is from now on; 1: as it is. @param {number} rate */
  async set(rate) {
    const before = Atomics.exchange(this.#shared, 0, Math.round(rate * 1000));
    Atomics.notify(this.#shared, 0);
    // It may be stopped at this moment.
    if (rate > 1) await delay(Math.random() * 2 * PERIOD); // Whatever comes next begins anywhere in a period.
    else if (before !== 1000) await within(once(this.#clock, 'message'), 5_000, 'the browser to be continued');
  }

  async stop() {
    await this.set(1);
    Atomics.store(this.#shared, 1, 1);
    Atomics.notify(this.#shared, 0);
    await this.#clock.terminate();
  }
}

/** A second or so of a loop in a page, in milliseconds. */
const loop = () => {
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < 6e7; i++) sum += Math.sqrt(i);
  return sum > 0 ? performance.now() - start : 0;
};

/**
 * How many times slower each rate really is.
 *
 * @param {Throttle} throttle
 * @param {number[]} rates
 * @param {import('../../tests/e2e/lib/browsers.mjs').TestPage} page
 */
export async function calibrate(throttle, rates, page) {
  await page.evaluate(loop);
  const base = Math.min(await page.evaluate(loop), await page.evaluate(loop));
  /** @type {Map<number, number>} */
  const real = new Map();
  for (const rate of rates) {
    await throttle.set(rate);
    real.set(rate, (await page.evaluate(loop)) / base);
    await throttle.set(1);
  }
  return real;
}
