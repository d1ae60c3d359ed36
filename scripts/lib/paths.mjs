// Where things are: the repository, its ignored tools folder, the executables of its npm packages.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

const exe = process.platform === 'win32' ? '.exe' : '';

/** A tool that `npm run setup` installed, or the one on PATH that it found to be of the right version. */
export function tool(name) {
  const own = join(root, '.tools/bin', name + exe);
  return existsSync(own) ? own : name;
}

/** The script behind an executable of an npm package, to be run by Node (so that it runs on Windows, too). */
export function bin(name, owner = name) {
  const folder = join(root, 'node_modules', owner);
  return join(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bin[name]);
}

/** The `tidings` binary that `npm run build` makes. */
export const tidings = join(root, 'target/debug', `tidings${exe}`);
