// Where things are: the pinned tools, the executables of the npm packages, our own binary.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

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
