// A desktop for the browsers: a private D-Bus with a notification daemon that tests can read and click.
// Both browsers show notifications here when headless too, so a test sees what a person would.
import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import dbus from 'dbus-next';
import { line, remove, start, temporaryFolder } from './processes.mjs';
import { within } from './wait.mjs';

const NAME = 'org.freedesktop.Notifications';

/** Why a notification went away, as the specification numbers it. */
export const CLOSED = Object.freeze({ expired: 1, dismissed: 2, byProgram: 3 });

/**
 * One call of Notify.
 *
 * @typedef {object} Shown
 * @property {number} id
 * @property {number} replaces the id it replaces, or 0
 * @property {string} app
 * @property {string} icon
 * @property {string} summary the notification's title
 * @property {string} body with the daemon's markup: Chromium puts the origin before the text, both escape it
 * @property {{ key: string, label: string }[]} actions
 * @property {Record<string, unknown>} hints images as `{ width, height, bytes }`
 * @property {number} timeout
 * @property {number} at performance.now()
 * @property {number | null} closed why it went away, see CLOSED
 */

/** No service files, no system configuration: nothing but what the test puts on it. */
const config = (/** @type {string} */ socket) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** What goes over the bus; the daemon's memory is in NotificationDaemon. */
class Notifications extends dbus.interface.Interface {
  /** @param {NotificationDaemon} daemon */
  constructor(daemon) {
    super(NAME);
    this.daemon = daemon;
  }
  GetCapabilities() {
    return this.daemon.capabilities;
  }
  GetServerInformation() {
    return ['tidings-test', 'tidings', '1.0', '1.2'];
  }
  /** @param {[string, number, string, string, string, string[], Record<string, any>, number]} call */
  Notify(...call) {
    return this.daemon._notify(call);
  }
  /** @param {number} id */
  CloseNotification(id) {
    this.daemon._closeRequest(id);
  }
  NotificationClosed(/** @type {number} */ id, /** @type {number} */ reason) {
    return [id, reason];
  }
  ActionInvoked(/** @type {number} */ id, /** @type {string} */ key) {
    return [id, key];
  }
  NotificationReplied(/** @type {number} */ id, /** @type {string} */ text) {
    return [id, text];
  }
}
Notifications.configureMembers({
  methods: {
    GetCapabilities: { outSignature: 'as' },
    GetServerInformation: { outSignature: 'ssss' },
    Notify: { inSignature: 'susssasa{sv}i', outSignature: 'u' },
    CloseNotification: { inSignature: 'u' },
  },
  signals: {
    NotificationClosed: { signature: 'uu' },
    ActionInvoked: { signature: 'us' },
    NotificationReplied: { signature: 'us' },
  },
});

/** Starts the bus and its notification daemon. Start it before the browser: Chromium looks for it only then. */
export async function startNotifications() {
  return new NotificationDaemon().start();
}

export class NotificationDaemon {
  capabilities = ['actions', 'body', 'body-hyperlinks', 'body-markup', 'icon-static', 'inline-reply', 'persistence'];
  /** Every Notify, in order. @type {Shown[]} */
  calls = [];
  /** The ids the browser asked to close, in order. @type {number[]} */
  closeRequests = [];
  /** For DBUS_SESSION_BUS_ADDRESS. */
  address = '';

  #events = new EventEmitter().setMaxListeners(0);
  #wire = new Notifications(this);
  #folder = temporaryFolder('dbus');
  /** @type {import('./processes.mjs').Running | undefined} */
  #daemon;
  /** @type {any} */
  #bus;
  #last = 0;

  async start() {
    const socket = path.join(this.#folder, 'bus');
    const file = path.join(this.#folder, 'bus.conf');
    writeFileSync(file, config(socket));
    this.#daemon = start('dbus-daemon', [`--config-file=${file}`, '--nofork', '--nopidfile', '--nosyslog', '--print-address']);
    try {
      await line(this.#daemon, /^unix:/, { timeout: 10_000, name: 'dbus-daemon' });
      this.address = `unix:path=${socket}`;
      this.#bus = dbus.sessionBus({ busAddress: this.address });
      this.#bus.on('error', () => {}); // The bus is gone: whoever waits for it runs into its time limit.
      this.#bus.export('/org/freedesktop/Notifications', this.#wire);
      await within(this.#bus.requestName(NAME, 0), 10_000, `the name ${NAME} on the bus`);
    } catch (error) {
      await this.stop();
      throw error;
    }
    return this;
  }

  async stop() {
    this.#bus?.disconnect();
    await this.#daemon?.stop();
    remove(this.#folder);
  }

  /** What is on the screen now. */
  shown() {
    return this.calls.filter((call) => call.closed === null);
  }

  /**
   * The first notification that fits, shown already or within `ms`.
   *
   * @param {(shown: Shown) => boolean} fits
   * @param {number} [ms]
   * @param {{ since?: number }} [options] `since`: ignore the first so many of `calls`
   * @returns {Promise<Shown>}
   */
  async waitFor(fits, ms = 10_000, { since = 0 } = {}) {
    const before = this.calls.slice(since).find(fits);
    if (before) return before;
    return this.#next('notify', fits, ms, `a notification like ${fits}`);
  }

  /**
   * Waits until that notification is no longer shown, and says why.
   *
   * @param {number} id
   * @param {number} [ms]
   * @returns {Promise<number>}
   */
  async waitClosed(id, ms = 10_000) {
    const call = this.#find(id);
    if (call.closed !== null) return call.closed;
    const closed = await this.#next('closed', (/** @type {Shown} */ one) => one.id === id, ms, `notification ${id} to close`);
    return /** @type {number} */ (closed.closed);
  }

  /**
   * A click on the notification, or on one of its buttons by key.
   * As on most desktops the notification then goes away; `keep` is a desktop that leaves it. For Firefox the worker
   * gets a `notificationclose` as well either way, before or after the click; Chromium sends it the click alone.
   *
   * @param {number} id
   * @param {string} [key]
   * @param {{ keep?: boolean }} [options]
   */
  click(id, key = 'default', { keep = false } = {}) {
    const shown = this.#find(id);
    if (shown.closed !== null) throw new Error(`notification ${id} (${shown.summary}) is not shown any more`);
    if (!shown.actions.some((action) => action.key === key)) {
      throw new Error(`notification ${id} (${shown.summary}) has no action ${key}, only ${JSON.stringify(shown.actions)}`);
    }
    this.#wire.ActionInvoked(id, key);
    if (!keep) this.#close(shown, CLOSED.dismissed);
  }

  /**
   * A click on the button with that label. Chromium numbers its buttons, Firefox names them `<action>-moz`.
   *
   * @param {number} id
   * @param {string} label
   * @param {{ keep?: boolean }} [options]
   */
  clickAction(id, label, options) {
    const { actions } = this.#find(id);
    const action = actions.find((one) => one.label === label);
    if (!action) throw new Error(`notification ${id} has no button “${label}”, only ${JSON.stringify(actions)}`);
    this.click(id, action.key, options);
  }

  /**
   * A reply typed into the notification (Chromium, action type "text").
   *
   * @param {number} id
   * @param {string} text
   */
  reply(id, text) {
    this.#wire.NotificationReplied(id, text);
  }

  /**
   * The notification goes away: dismissed by the person, or by its age.
   *
   * @param {number} id
   * @param {number} [reason]
   */
  close(id, reason = CLOSED.dismissed) {
    this.#close(this.#find(id), reason);
  }

  /** Forgets what it has seen. What is still shown stays on the screen of the browser, but not here. */
  reset() {
    this.calls = [];
    this.closeRequests = [];
  }

  /** @param {[string, number, string, string, string, string[], Record<string, any>, number]} call */
  _notify([app, replaces, icon, summary, body, actions, hints, timeout]) {
    const id = replaces || ++this.#last;
    for (const old of this.calls) if (old.id === id && old.closed === null) old.closed = 0; // replaced, no signal
    /** @type {Shown} */
    const shown = { id, replaces, app, icon, summary, body, actions: pairs(actions), hints: plain(hints), timeout, at: performance.now(), closed: null };
    this.calls.push(shown);
    // The browser learns the id from the answer: nothing may happen to the notification before it.
    setImmediate(() => this.#events.emit('notify', shown));
    return id;
  }

  /** @param {number} id */
  _closeRequest(id) {
    this.closeRequests.push(id);
    const shown = this.calls.findLast((call) => call.id === id);
    if (shown) this.#close(shown, CLOSED.byProgram);
  }

  /**
   * @param {Shown} shown
   * @param {number} reason
   */
  #close(shown, reason) {
    if (shown.closed !== null) return;
    shown.closed = reason;
    this.#wire.NotificationClosed(shown.id, reason);
    this.#events.emit('closed', shown);
  }

  /** @param {number} id */
  #find(id) {
    const shown = this.calls.findLast((call) => call.id === id);
    if (!shown) throw new Error(`no notification ${id}; there were ${JSON.stringify(this.calls.map((call) => call.id))}`);
    return shown;
  }

  /**
   * @param {string} event
   * @param {(shown: Shown) => boolean} fits
   * @param {number} ms
   * @param {string} what
   * @returns {Promise<Shown>}
   */
  async #next(event, fits, ms, what) {
    /** @type {(shown: Shown) => void} */
    let listener = () => {};
    try {
      return await within(
        new Promise((resolve) => {
          listener = (shown) => void (fits(shown) && resolve(shown));
          this.#events.on(event, listener);
        }),
        ms,
        what,
      );
    } catch (error) {
      const seen = JSON.stringify(this.calls.map(({ id, summary, closed }) => ({ id, summary, closed })));
      throw new Error(`${/** @type {Error} */ (error).message}; seen: ${seen}`);
    } finally {
      this.#events.off(event, listener);
    }
  }
}

/** @param {string[]} actions key, label, key, label, … */
function pairs(actions) {
  const list = [];
  for (let i = 0; i + 1 < actions.length; i += 2) list.push({ key: actions[i], label: actions[i + 1] });
  return list;
}

/** @param {Record<string, { signature: string, value: any }>} hints */
function plain(hints) {
  return Object.fromEntries(
    Object.entries(hints).map(([name, { signature, value }]) => {
      if (signature !== '(iiibiiay)') return [name, typeof value === 'bigint' ? Number(value) : value];
      const [width, height, , , , , bytes] = value;
      return [name, { width, height, bytes: bytes.length }];
    }),
  );
}
