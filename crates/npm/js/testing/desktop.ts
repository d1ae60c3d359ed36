// A desktop of the test's own: a private D-Bus with a notification daemon that a test can read and click. Both browsers
// show notifications there when headless, too. Linux only; needs dbus-daemon and the npm package dbus-next.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Running } from './program';
import { until } from './until';

const NAME = 'org.freedesktop.Notifications';
/** Why a notification went away, as the specification numbers it. */
const DISMISSED = 2;
const BY_PROGRAM = 3;

/** A notification as the desktop got it. */
export interface Shown {
  readonly id: number;
  readonly title: string;
  /** With the origin before it in Chromium, and escaped. */
  readonly body: string;
  /** The labels of its buttons. */
  readonly buttons: readonly string[];
  /** Whether it is still there. */
  readonly open: boolean;
}

interface Entry extends Shown {
  open: boolean;
  /** Pairs of key and label. */
  actions: string[];
}

/** Nothing but what the test puts on it. */
const config = (socket: string) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
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

/**
 * Starts the desktop. Start it before the browser, and give it to its options: Chromium looks for a desktop only then.
 *
 * @example
 * const desktop = await startDesktop();
 * const shown = await desktop.waitFor((one) => one.title === 'Lunch is ready');
 * desktop.click(shown);
 */
export async function startDesktop(): Promise<Desktop> {
  const dbus: any = await import('dbus-next').then(
    (module) => module.default,
    (cause) => {
      throw new Error('tidings/testing: a desktop needs the npm package dbus-next: npm install --save-dev dbus-next', { cause });
    },
  );
  const folder = mkdtempSync(join(tmpdir(), 'tidings-desktop-'));
  const socket = join(folder, 'bus');
  writeFileSync(join(folder, 'bus.conf'), config(socket));
  const daemon = new Running('dbus-daemon', [`--config-file=${join(folder, 'bus.conf')}`, '--nofork', '--nopidfile', '--nosyslog', '--print-address']);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    await daemon.line(/^unix:/m, 'dbus-daemon (Debian: apt-get install dbus)');
    const address = `unix:path=${socket}`;
    const bus = dbus.sessionBus({ busAddress: address });
    bus.on('error', () => {}); // The bus is gone: whoever waits runs into the time limit.
    const desktop = new Desktop(address, async () => {
      bus.disconnect();
      await daemon.stop();
      remove();
    });
    desktop._wire = wire(dbus, desktop);
    bus.export('/org/freedesktop/Notifications', desktop._wire);
    await bus.requestName(NAME, 0);
    return desktop;
  } catch (error) {
    await daemon.stop();
    remove();
    throw error;
  }
}

/** What goes over the bus. */
function wire(dbus: any, desktop: Desktop): any {
  class Notifications extends (dbus.interface.Interface as new (name: string) => any) {
    GetCapabilities() {
      return ['actions', 'body', 'body-hyperlinks', 'body-markup', 'icon-static', 'inline-reply', 'persistence'];
    }
    GetServerInformation() {
      return ['tidings', 'tidings', '1.0', '1.2'];
    }
    Notify(_app: string, replaces: number, _icon: string, title: string, body: string, actions: string[]) {
      return desktop._notify(replaces, title, body, actions);
    }
    CloseNotification(id: number) {
      desktop._closed(id, BY_PROGRAM);
    }
    NotificationClosed(id: number, reason: number) {
      return [id, reason];
    }
    ActionInvoked(id: number, key: string) {
      return [id, key];
    }
  }
  (Notifications as any).configureMembers({
    methods: {
      GetCapabilities: { outSignature: 'as' },
      GetServerInformation: { outSignature: 'ssss' },
      Notify: { inSignature: 'susssasa{sv}i', outSignature: 'u' },
      CloseNotification: { inSignature: 'u' },
    },
    signals: { NotificationClosed: { signature: 'uu' }, ActionInvoked: { signature: 'us' } },
  });
  return new Notifications(NAME);
}

/** What shows notifications; see {@link startDesktop}. */
export class Desktop {
  /** For DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string;
  /** @internal */
  _wire: any;
  #stop: () => Promise<void>;
  #all: Entry[] = [];
  #last = 0;

  /** @internal */
  constructor(address: string, stop: () => Promise<void>) {
    this.address = address;
    this.#stop = stop;
  }

  /** Every notification so far, in order, also those that are gone. */
  get all(): readonly Shown[] {
    return this.#all;
  }

  /** The first notification that fits: shown already and still there, or within `timeout` milliseconds. */
  async waitFor(fits: (shown: Shown) => boolean, { timeout = 10_000 }: { timeout?: number } = {}): Promise<Shown> {
    return until(() => this.#all.find((shown) => shown.open && fits(shown)), { timeout, what: `a notification like ${fits}` }).catch((error) => {
      throw new Error(`${error.message}; seen: ${JSON.stringify(this.#all.map(({ title, open }) => ({ title, open })))}`);
    });
  }

  /** A click on the notification, or on its button with that label. It goes away with it, as on most desktops. */
  click(shown: Shown, button?: string): void {
    const { actions } = this.#open(shown);
    const key = button === undefined ? 'default' : actions[actions.findIndex((label, index) => index % 2 && label === button) - 1];
    if (key === undefined) throw new Error(`“${shown.title}” has no button “${button}”, only ${JSON.stringify(shown.buttons)}`);
    this._wire.ActionInvoked(shown.id, key);
    this._closed(shown.id, DISMISSED);
  }

  /** The person waves it away. */
  dismiss(shown: Shown): void {
    this.#open(shown);
    this._closed(shown.id, DISMISSED);
  }

  /** Ends it. End the browsers before. */
  async stop(): Promise<void> {
    await this.#stop();
  }

  /** @internal */
  _notify(replaces: number, title: string, body: string, actions: string[]): number {
    const id = replaces || ++this.#last;
    for (const old of this.#all) if (old.id === id) old.open = false;
    // Both browsers have a button of their own, Chromium's opens its settings.
    const buttons = actions.filter((_, index) => index % 2 && !['default', 'settings'].includes(actions[index - 1] ?? ''));
    const entry: Entry = { id, title, body, actions, buttons, open: true };
    // The browser learns the id from the answer: nothing may happen to the notification before it.
    setImmediate(() => this.#all.push(entry));
    return id;
  }

  /** @internal */
  _closed(id: number, reason: number): void {
    const entry = this.#all.findLast((one) => one.id === id);
    if (!entry?.open) return;
    entry.open = false;
    this._wire.NotificationClosed(id, reason);
  }

  #open({ id, title }: Shown): Entry {
    const entry = this.#all.findLast((one) => one.id === id);
    if (!entry?.open) throw new Error(`“${title}” is not shown any more`);
    return entry;
  }
}
