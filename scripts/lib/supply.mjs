// What this project depends on, read from its manifests.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './run.mjs';

const json = (/** @type {string} */ file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

/** Licences of npm packages that may be used here, to build and to test; OFL-1.1 is that of the demo's fonts. */
const LICENCES = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'MPL-2.0', 'OFL-1.1', 'Unlicense']);

/** Packages whose manifest does not say it in SPDX, and what their licence files say. */
const READ = { '@nornagon/put': 'MIT', jsbi: 'Apache-2.0', 'json-schema': 'BSD-3-Clause', 'map-stream': 'MIT', 'pause-stream': 'MIT' };

/** The folders of the workspace's crates. */
const folders = () => [
  ...['crates', 'examples'].flatMap((parent) => readdirSync(path.join(root, parent)).map((name) => path.join(parent, name))),
  'fuzz',
];

/** Those of these files that each crate has. */
const filesOfCrates = (/** @type {string[]} */ names) =>
  folders().flatMap((folder) => names.map((name) => path.join(folder, name))).filter((file) => existsSync(path.join(root, file)));

/** The crates that the manifests of the workspace name as dependencies, without those of the workspace itself. */
export function directCrates() {
  const crates = new Set();
  for (const file of ['Cargo.toml', ...filesOfCrates(['Cargo.toml'])]) {
    let inside = false;
    for (const line of readFileSync(path.join(root, file), 'utf8').split('\n')) {
      if (line.startsWith('[')) inside = /dependencies\]$/.test(line);
      const name = inside && /^([\w-]+)(?:\.workspace)? *=/.exec(line)?.[1];
      if (name && !/^(tidings(-.*)?|reminders)$/.test(name)) crates.add(name);
    }
  }
  return crates;
}

/** The npm packages that the scripts and tests of this repository name. */
export const directPackages = () => Object.keys(json('package.json').devDependencies);

/** What those who install the npm package get with it. */
export const runtimePackages = () => Object.keys(json('crates/npm/package.json').dependencies ?? {});

/** The packages in package-lock.json with a licence that is not in the list, as `name: licence`. */
export function badLicences() {
  return Object.entries(json('package-lock.json').packages).flatMap(([place, { license }]) => {
    const name = place.split('node_modules/').at(-1);
    const licence = READ[/** @type {keyof typeof READ} */ (name)] ?? license;
    return !name || LICENCES.has(licence) ? [] : [`${name}: ${licence}`];
  });
}

/** The root of each crate. */
export const crateRoots = () => filesOfCrates(['src/lib.rs', 'src/main.rs']);
