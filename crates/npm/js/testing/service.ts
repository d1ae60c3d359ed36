// The local push service: real browsers subscribe at it, and the sender here sends through it.

import { type BrowserName, type BrowserOptions, type PlainLaunch, type PuppeteerLaunch, type SeleniumLaunch, type Wiring, plain, puppeteer, selenium } from './browsers';
import { Running, findProgram, serviceCommand } from './program';
import { type Route, type SendOptions, type Subscription, post } from './send';
import { type VapidKeys, vapidKeys } from './vapid';

/** How the push service is started. */
export interface ServiceOptions {
  /** The path of the program `tidings` or `tidings-push-service`. Default: TIDINGS_BIN, or the one on the PATH. */
  program?: string;
}

/**
 * Starts a push service on free ports. Stop it at the end; it ends with this process at the latest.
 *
 * @example
 * const service = await startPushService();
 * const browser = await puppeteer.launch(await service.puppeteer('chromium', { allow: ['http://localhost:3000'] }));
 */
export async function startPushService({ program }: ServiceOptions = {}): Promise<PushService> {
  const file = findProgram(program);
  const running = new Running(file, [...serviceCommand(file), '--address', '127.0.0.1:0', '--tls-address', '127.0.0.1:0']);
  try {
    const [, url = ''] = await running.line(/(http:\/\/127\.0\.0\.1:\d+)\/about/, [file, ...serviceCommand(file)].join(' '));
    const about = (await (await fetch(`${url}/about`)).json()) as Route;
    return new PushService(url, file, running, about);
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** A local push service, and the browsers wired to it; see {@link startPushService}. */
export class PushService {
  /** The key pair that pages may subscribe with and that `send` signs with. */
  readonly vapid: VapidKeys = vapidKeys();
  /** Where it is. */
  readonly url: string;
  #program: string;
  #running: Running;
  #route: Route;
  #folders: (() => void)[] = [];

  /** @internal */
  constructor(url: string, program: string, running: Running, route: Route) {
    this.url = url;
    this.#program = program;
    this.#running = running;
    this.#route = route;
  }

  /** Options for `puppeteer.launch`, or puppeteer-core's. */
  async puppeteer(name: BrowserName, options: BrowserOptions = {}): Promise<PuppeteerLaunch> {
    return puppeteer(name, await this.#wiring(name, options), options, this.#folders);
  }

  /** Capabilities for a WebDriver session, and the environment that the driver must be started in. */
  async selenium(name: BrowserName, options: BrowserOptions = {}): Promise<SeleniumLaunch> {
    return selenium(name, await this.#wiring(name, options), options, this.#folders);
  }

  /** Program, arguments and environment, for `child_process.spawn`. */
  async plain(name: BrowserName, options: BrowserOptions = {}): Promise<PlainLaunch> {
    return plain(name, await this.#wiring(name, options), options, this.#folders);
  }

  /**
   * The address to open first in a browser that has just started. Firefox is ready for push only some time after its
   * start, and what its pages ask of `pushManager` before is never answered: this one leads to `url` once it is.
   */
  firstPage(name: BrowserName, url: string): string {
    return name === 'firefox' ? `${this.url}/open?url=${encodeURIComponent(url)}` : url;
  }

  /**
   * Sends a push: text and bytes as they are, null without data, anything else as JSON. Gives the HTTP status: 201 if the
   * push service took it, 410 if the subscription is gone.
   */
  async send(subscription: Subscription, payload: unknown, options: SendOptions = {}): Promise<number> {
    const bytes =
      payload === null ? null
      : Buffer.isBuffer(payload) || typeof payload === 'string' ? Buffer.from(payload as string)
      : Buffer.from(JSON.stringify(payload));
    return post(subscription, bytes, { vapid: this.vapid, ...options }, this.#route);
  }

  /** Ends the service, and removes the profiles that it made. End the browsers before. */
  async stop(): Promise<void> {
    await this.#running.stop();
    for (const remove of this.#folders.splice(0)) remove();
  }

  async #wiring(name: BrowserName, { allow = [], program, headless = true }: BrowserOptions): Promise<Wiring> {
    const args = ['browser', name, '--print', '--push-service', this.url, ...allow.flatMap((origin) => ['--allow', origin])];
    if (program) args.push('--program', program);
    if (headless) args.push('--headless');
    return JSON.parse(await new Running(this.#program, args).output(`${this.#program} ${args.join(' ')}`));
  }
}
