// A clock that a test moves under running programs: browsers, their sandboxed children, servers; see clock.c.
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { compiled } from './compile.mjs';

export class Clock {
  /** How far it is from this process's own clock, in seconds. */
  offset = 0;
  /** The environment of the programs that see it. @type {Record<string, string>} */
  env;
  #file;

  /** @param {string} folder */
  constructor(folder) {
    const [library, file] = [compiled('clock.c', folder, '-shared', '-fPIC'), path.join(folder, 'clock')];
    writeFileSync(file, Buffer.alloc(8));
    this.#file = openSync(file, 'r+');
    this.env = { LD_PRELOAD: library, TIDINGS_CLOCK: file };
  }

  /** Milliseconds since 1970, as those programs see it. */
  now() {
    return Date.now() + this.offset * 1000;
  }

  /** @param {number} offset in seconds */
  set(offset) {
    this.offset = offset;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(offset));
    writeSync(this.#file, bytes, 0, 8, 0);
  }

  stop() {
    closeSync(this.#file);
  }
}
