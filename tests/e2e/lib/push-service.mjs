// The local push service under test, and a sender that is not ours.
import https from 'node:https';
import tls from 'node:tls';
import webpush from 'web-push';
import { wiringOf } from './browsers.mjs';
import { startTidings } from './processes.mjs';

/**
 * What `GET /about` answers.
 *
 * @typedef {object} About
 * @property {string} http
 * @property {string} https
 * @property {string} proxy
 * @property {string[]} hosts the endpoints' hosts that are really this service
 * @property {string} certificatePem
 *
 * @typedef {{ endpoint: string, keys: { p256dh: string, auth: string } }} Subscription as PushSubscription.toJSON() gives it
 */

/**
 * Starts `tidings push-service` on free ports, or in the place of one that has ended.
 *
 * @param {string[]} [args]
 * @param {About} [place]
 */
export async function startPushService(args = [], place) {
  const addresses = place ? [new URL(place.http).host, new URL(place.https).host] : ['127.0.0.1:0', '127.0.0.1:0'];
  const process_ = await startTidings(['push-service', '--address', addresses[0], '--tls-address', addresses[1], ...args], {
    ready: /(http:\/\/127\.0\.0\.1:\d+)/,
  });
  const url = process_.ready[1];
  /** @type {About} */
  const about = await (await fetch(`${url}/about`)).json();
  return new PushService(url, about, process_);
}

export class PushService {
  /** A pair of VAPID keys for senders that need one. */
  vapid = webpush.generateVAPIDKeys();

  /**
   * @param {string} url
   * @param {About} about
   * @param {import('./processes.mjs').Running} process
   */
  constructor(url, about, process) {
    this.url = url;
    this.about = about;
    this.process = process;
  }

  /** @param {import('./browsers.mjs').BrowserName} name */
  async wiring(name) {
    return wiringOf(name, this.url);
  }

  /**
   * Sends with npm's web-push, a sender that knows nothing of Tidings.
   *
   * @param {Subscription} subscription
   * @param {unknown} message text as it is, null for a push without data, anything else as JSON
   * @param {import('web-push').RequestOptions} [options]
   * @returns {Promise<number>} the HTTP status
   */
  async send(subscription, message, options = {}) {
    const payload = message === null || typeof message === 'string' ? message : JSON.stringify(message);
    const all = { vapidDetails: { subject: 'mailto:test@example.com', ...this.vapid }, TTL: 60, ...options };
    if (subscription.endpoint.startsWith('https:')) {
      try {
        return (await webpush.sendNotification(subscription, payload, { agent: this.agent(), ...all })).statusCode;
      } catch (error) {
        const { statusCode } = /** @type {import('web-push').WebPushError} */ (error);
        if (statusCode) return statusCode;
        throw error;
      }
    }
    // web-push sends over TLS only, and Firefox's endpoints here are plain.
    const { endpoint, headers, body } = webpush.generateRequestDetails(subscription, payload, all);
    delete (/** @type {any} */ (headers)['Content-Length']); // fetch writes it itself, and refuses ours
    const response = await fetch(endpoint, { method: 'POST', headers: /** @type {any} */ (headers), body });
    return response.status;
  }

  /**
   * Leads an unmodified sender with one of Chromium's endpoints, on a host of Google's that is compiled in, to this
   * service. No other host can be reached through it.
   */
  agent() {
    const { hostname, port } = new URL(this.about.https);
    const { certificatePem: ca, hosts } = this.about;
    const agent = new https.Agent();
    /** @type {any} */ (agent).createConnection = (/** @type {any} */ { servername, host }) => {
      if (!hosts.includes(host)) throw new Error(`${host} is none of ${hosts.join(', ')}`);
      return tls.connect({ host: hostname, port: Number(port), servername: servername || host, ca });
    };
    return agent;
  }

  /** The devices, their channels and what waits for them. @returns {Promise<any>} */
  async state() {
    return (await fetch(`${this.url}/control/state`)).json();
  }

  /** @param {'drop-connections' | 'forget-devices'} what */
  async control(what) {
    const { ok, status } = await fetch(`${this.url}/control/${what}`, { method: 'POST' });
    if (!ok) throw new Error(`/control/${what}: ${status}`);
  }

  async stop() {
    await this.process.stop();
  }
}
