// A cable that a test can pull: all that goes to a port goes through here.
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export class Gate {
  /** Where the browser connects. */
  port = 0;
  #target;
  /** @type {net.Server | undefined} */
  #server;
  /** @type {Set<net.Socket>} */
  #sockets = new Set();
  #silent = false;

  /** @param {number} target a port of this machine */
  constructor(target) {
    this.#target = target;
  }

  async open() {
    if (this.#silent) {
      for (const socket of this.#sockets) socket.destroy();
      // Those behind it notice before anybody is heard again.
      await delay(50);
      for (const socket of this.#sockets) socket.destroy();
      this.#silent = false;
    }
    if (this.#server) return this;
    this.#server = net.createServer((near) => this.#join(near));
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = /** @type {net.AddressInfo} */ (this.#server.address()).port;
    return this;
  }

  /** Connections are broken off, and new ones refused. */
  async refuse() {
    const server = this.#server;
    this.#server = undefined;
    server?.close();
    for (const socket of this.#sockets) socket.destroy();
    if (server) await once(server, 'close').catch(() => {});
  }

  /** Connections stay, new ones are taken, and what is said is lost: neither side knows until `open`, which breaks them off. */
  swallow() {
    this.#silent = true;
  }

  /** @param {net.Socket} near */
  #join(near) {
    const far = net.connect(this.#target, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]]) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (data) => void (this.#silent || to.write(data)));
      from.on('end', () => void (this.#silent || to.end()));
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        if (!this.#silent) to.destroy();
      });
    }
  }
}
