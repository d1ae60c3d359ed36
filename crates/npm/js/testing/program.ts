// The program with the push service, `tidings` or `tidings-push-service`: found, started, ended.

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

const REMEDY = `build it with \`cargo install tidings-cli\`, then put it on the PATH, set TIDINGS_BIN to its path, or give the option \`program\``;

/** The smaller of the two programs. */
const SERVICE = 'tidings-push-service';

/** Where the program is. */
export function findProgram(given?: string): string {
  const named = given ?? process.env.TIDINGS_BIN;
  if (named) {
    if (isProgram(named)) return named;
    throw new Error(`tidings/testing: ${named} is no program (from ${given ? 'the option `program`' : 'TIDINGS_BIN'}); ${REMEDY}`);
  }
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = ['tidings', SERVICE].flatMap((name) => folders.map((folder) => join(folder || '.', process.platform === 'win32' ? `${name}.exe` : name)));
  const found = places.find(isProgram);
  if (!found) throw new Error(`tidings/testing: neither \`tidings\` nor \`${SERVICE}\` is on the PATH; ${REMEDY}`);
  return found;
}

/** How the program starts the push service: one of the two does nothing else. */
export const serviceCommand = (file: string): string[] => (basename(file, '.exe') === SERVICE ? [] : ['push-service']);

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** A program that runs until it is stopped, or this process ends. */
export class Running {
  #child: ChildProcess;
  #said = '';
  #ended: Promise<string>;

  constructor(command: string, args: string[], env: Record<string, string | undefined> = process.env) {
    const child = (this.#child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }));
    const keep = (text: string) => void (this.#said = (this.#said + text).slice(-16_384));
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    const end = () => void child.kill('SIGKILL');
    process.once('exit', end);
    this.#ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
      child.once('close', (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with exit code ${code}`));
    }).finally(() => process.off('exit', end));
  }

  /** Everything it has said; rejects with it if the program ends first or `ms` have passed. */
  async line(pattern: RegExp, name: string, ms = 20_000): Promise<RegExpExecArray> {
    let timer: NodeJS.Timeout | undefined;
    let poll: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        new Promise<RegExpExecArray>((resolve) => {
          poll = setInterval(() => {
            const match = pattern.exec(this.#said);
            if (match) resolve(match);
          }, 10);
        }),
        this.#ended.then((how) => Promise.reject(new Error(`${name} ${how}`))),
        new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(new Error(`${name} was not ready within ${ms} ms`)), ms);
        }),
      ]);
    } catch (error) {
      throw new Error(`tidings/testing: ${(error as Error).message}; it said:\n${this.#said || '(nothing)'}`);
    } finally {
      clearTimeout(timer);
      clearInterval(poll);
    }
  }

  /** Waits for its end, and gives all that it said. */
  async output(name: string): Promise<string> {
    const how = await this.#ended;
    if (how !== 'ended with exit code 0') throw new Error(`tidings/testing: ${name} ${how}; it said:\n${this.#said}`);
    return this.#said;
  }

  async stop(): Promise<void> {
    const hard = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    this.#child.kill('SIGTERM');
    await this.#ended;
    clearTimeout(hard);
  }
}
