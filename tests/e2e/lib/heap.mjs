// How much memory a service worker holds: Chromium only, by DevTools, which keeps the worker running while it looks.
import { within } from './wait.mjs';

/** Watches the only service worker there is. Stop it at the end. */
export class WorkerHeap {
  #session;
  #target;
  #id = 0;
  /** @type {Map<number, (result: any) => void>} */
  #waiting = new Map();

  /** @param {import('puppeteer-core').CDPSession} session @param {string} target */
  constructor(session, target) {
    this.#session = session;
    this.#target = target;
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result, error } = JSON.parse(message);
      this.#waiting.get(id)?.(result ?? { error });
      this.#waiting.delete(id);
    });
  }

  /** @param {import('./browsers.mjs').TestBrowser} browser */
  static async watch(browser) {
    const session = await browser.puppeteer.target().createCDPSession();
    const { targetInfos } = await session.send('Target.getTargets', { filter: [{ type: 'service_worker' }] });
    if (targetInfos.length !== 1) throw new Error(`${targetInfos.length} service workers run, not one`);
    // puppeteer has a session of its own for each target, and none for those that it was told to leave alone.
    const { sessionId } = await session.send('Target.attachToTarget', { targetId: targetInfos[0].targetId, flatten: false });
    return new WorkerHeap(session, sessionId);
  }

  /** The bytes of JavaScript that are alive: after a collection, so what is yet to be swept does not count. */
  async measure() {
    await this.#send('HeapProfiler.collectGarbage');
    const { usedSize, error } = await this.#send('Runtime.getHeapUsage');
    if (error) throw new Error(error.message);
    return /** @type {number} */ (usedSize);
  }

  async stop() {
    await this.#session.detach().catch(() => {});
  }

  /** @param {string} method @returns {Promise<any>} */
  #send(method) {
    const id = ++this.#id;
    const answer = new Promise((resolve) => this.#waiting.set(id, resolve));
    const message = JSON.stringify({ id, method });
    return within(this.#session.send('Target.sendMessageToTarget', { sessionId: this.#target, message }).then(() => answer), 10_000, method);
  }
}
