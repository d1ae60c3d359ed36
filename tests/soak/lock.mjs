// Another program that has begun to write to the application server's database, and lets nobody else write: see lock.c.
import path from 'node:path';
import { line, start } from '../e2e/lib/processes.mjs';
import { compiled } from './compile.mjs';

/** Holds the lock for so long; it is held when this resolves. @param {string} folder the server's data @param {number} ms */
export async function lock(folder, ms) {
  const holding = start(compiled('lock.c', folder), [path.join(folder, 'tidings.db'), String(Math.round(ms))]);
  await line(holding, /locked/, { timeout: 10_000, name: 'the program that holds the lock' });
  return holding;
}
