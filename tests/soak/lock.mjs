// Another program that has begun to write to the application server's database, and lets nobody else write: see lock.c.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { line, root, start } from '../e2e/lib/processes.mjs';

/** Holds the lock for so long; it is held when this resolves. @param {string} folder the server's data @param {number} ms */
export async function lock(folder, ms) {
  const program = path.join(folder, 'lock');
  // Rust's own linker, so it is there.
  execFileSync('cc', ['-O2', '-o', program, path.join(root, 'tests/soak/lock.c')]);
  const holding = start(program, [path.join(folder, 'tidings.db'), String(Math.round(ms))]);
  await line(holding, /locked/, { timeout: 10_000, name: 'the program that holds the lock' });
  return holding;
}
