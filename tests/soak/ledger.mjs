// What was promised, and what must never be: a message shown twice or never, a row too many, an entry of the outbox lost.
import { eventually } from '../e2e/lib/wait.mjs';

/**
 * @typedef {object} Message
 * @property {boolean} accepted by the push service
 * @property {string} [id] how the push service calls it
 * @property {number} [until] when its time is over, by the moved clock; none: it is owed to nobody
 */

export class Ledger {
  /** By title: all that were ever asked for. @type {Map<string, Message>} */
  messages = new Map();
  /** What the page was told is stored, and nobody has cleared. @type {Set<string>} */
  stored = new Set();
  /** Entries that went with their storage. */
  cleared = 0;
  /** Entries of which the page said that only its memory has them. */
  unstored = 0;
  /** Messages that the browser had acknowledged, and not yet shown, when it or its worker was killed. */
  taken = 0;
  /** Those of them that went with a stopped worker. */
  stopped = 0;
  /** How often a killed Firefox had not written down yet who it is for the push service. */
  forgotten = 0;
  /** Subscriptions that the browser does not have any more, and the push service was not told. @type {Set<string>} */
  orphans = new Set();
  /** @type {string[]} */
  violations = [];
  #log;

  /** @param {{ site: import('./site.mjs').Site, desktop: { calls: { summary: string }[] }, clock: import('./clock.mjs').Clock, log: (line: string) => void }} world */
  constructor({ site, desktop, clock, log }) {
    this.site = site;
    this.desktop = desktop;
    this.clock = clock;
    this.#log = log;
  }

  /** @param {string} what */
  note(what) {
    if (this.violations.includes(what)) return;
    this.violations.push(what);
    this.#log(`✗ ${what}`);
  }

  times() {
    /** @type {Map<string, number>} */
    const times = new Map();
    for (const { summary } of this.desktop.calls) times.set(summary, (times.get(summary) ?? 0) + 1);
    return times;
  }

  /** Accepted, owed, and not there. */
  missing() {
    const shown = this.times();
    return [...this.messages].filter(([title, { accepted, until }]) => accepted && until !== undefined && !shown.has(title)).map(([title]) => title);
  }

  /** What waits for a subscription that has ended is owed to nobody; with `late`, only what is too old by now. */
  forgive(late = false) {
    for (const title of this.missing()) {
      const message = /** @type {Message} */ (this.messages.get(title));
      if (!late || Number(message.until) <= this.clock.now()) message.until = undefined;
    }
  }

  /** A killed browser, or worker of Firefox, takes along what was acknowledged; what was not is still owed. @param {Set<string>} waiting */
  take(waiting) {
    const before = this.taken;
    for (const message of this.missing().map((title) => /** @type {Message} */ (this.messages.get(title)))) {
      if (message.id && waiting.has(message.id)) continue;
      message.until = undefined;
      this.taken += 1;
    }
    return this.taken - before;
  }

  /** Nothing twice, nothing that nobody sent, no entry sent while it is being sent. */
  check() {
    for (const [title, count] of this.times()) {
      if (count > 1) this.note(`${title} was shown ${count} times`);
      if (!this.messages.has(title)) this.note(`“${title}” was shown, and nobody has sent it`);
    }
    if (this.site.server.overlaps) this.note(`${this.site.server.overlaps} entries were sent while they were being sent`);
  }

  /** Everything owed is there. @param {number} timeout @param {() => Promise<unknown>} [remedy] */
  async shown(timeout, remedy) {
    const all = () => eventually(() => this.missing().length === 0, { timeout, what: 'all that is owed to be shown' });
    await all().catch(async () => {
      await remedy?.();
      return all();
    }).catch(() => {
      for (const title of this.missing()) this.note(`${title} was never shown`);
      this.forgive();
    });
  }

  /**
   * All that is stored is there. A page that cannot reach the database for now sees its own memory only, and says so: what
   * it lists is no answer then, and the next check asks again; the last one is `patient`.
   *
   * @param {import('../e2e/lib/browsers.mjs').TestPage} page
   * @param {{ patient?: boolean }} [options]
   */
  async entries(page, { patient = false } = {}) {
    const onDisk = () => page.evaluate(() => /** @type {any} */ (window).outbox.state().then((/** @type {any} */ { storage }) => storage === 'disk'));
    if (patient) await eventually(onDisk, { timeout: 60_000, what: 'the page to reach its database' });
    /** @type {string[]} */
    const seen = [];
    for (const which of ['pending', 'failed']) {
      for (let after = ''; ; after = /** @type {string} */ (seen.at(-1))) {
        const ids = await page.evaluate((which, after) => /** @type {any} */ (window).outbox.entries(which, { after }).then((/** @type {any[]} */ all) => all.map(({ id }) => id)), which, after);
        seen.push(...ids);
        if (ids.length < 100) break;
      }
    }
    if (!(await onDisk())) return;
    // Those that leave while one looks were applied before.
    const there = new Set(seen);
    const { applied } = this.site.server;
    for (const id of this.stored) if (!there.has(id) && !applied.has(id)) this.note(`lost from the outbox: ${id}`);
  }

  /** The storage goes: what had not arrived goes with it. */
  clear() {
    for (const id of this.stored) {
      if (this.site.server.applied.has(id)) continue;
      this.stored.delete(id);
      this.cleared += 1;
    }
  }

  /** One row for the subscription that lives. @param {string} id @param {Set<string>} alive those that the push service and the browser have */
  async rows(id, alive) {
    const rows = (await this.site.rows()).filter((row) => alive.has(row));
    if (id && (rows.length !== 1 || rows[0] !== id)) this.note(`rows: ${rows.join(' ') || 'none'}; the subscription is ${id}`);
  }
}
