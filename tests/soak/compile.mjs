// The small programs in C of this folder.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from '../e2e/lib/processes.mjs';

/** Compiles `source` into `folder`, once; where the result is. @param {string} source @param {string} folder @param {string[]} options */
export function compiled(source, folder, ...options) {
  const result = path.join(folder, path.parse(source).name + '.bin');
  // Rust's own linker, so it is there.
  if (!existsSync(result)) execFileSync('cc', ['-O2', ...options, '-o', result, path.join(root, 'tests/soak', source)]);
  return result;
}
