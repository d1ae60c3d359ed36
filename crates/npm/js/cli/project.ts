// What kind of app a folder holds, and where it keeps the files that are served as they are.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './failure';

export interface Project {
  /** For the person to read. */
  name: string;
  /** The folder that is served as `/`. */
  public: string;
  /** The path that the app is served under, as far as its configuration says so plainly. */
  base: string;
  /** The package that makes a service worker of its own. */
  worker?: string;
}

/** The first whose package is there. */
const FRAMEWORKS: { name: string; package: string; folders: string[]; config?: RegExp; base?: RegExp }[] = [
  { name: 'Next', package: 'next', folders: ['public'], config: /^next\.config\./, base: /\bbasePath:\s*['"]([^'"]+)/ },
  // New projects have public; src is what older ones serve by `assets`.
  { name: 'Angular', package: '@angular/core', folders: ['public', 'src'] },
  { name: 'SvelteKit', package: '@sveltejs/kit', folders: ['static'] },
  { name: 'Nuxt', package: 'nuxt', folders: ['public'] },
  { name: 'Astro', package: 'astro', folders: ['public'], config: /^astro\.config\./, base: /\bbase:\s*['"]([^'"]+)/ },
  { name: 'Vite', package: 'vite', folders: ['public'], config: /^vite\.config\./, base: /\bbase:\s*['"](\/[^'"]+)/ },
];

/** Packages that bring a service worker. A scope has one worker, so Tidings joins theirs. */
const WORKERS = ['@angular/service-worker', 'vite-plugin-pwa', 'next-pwa', '@ducanh2912/next-pwa', '@serwist/next', 'serwist', 'workbox-webpack-plugin', 'workbox-build'];

/** Looks at `folder`; creates nothing. */
export function inspect(folder: string): Project {
  if (!existsSync(folder)) throw new Problem(`There is no folder ${folder}.`);
  const installed = dependencies(folder);
  const found = FRAMEWORKS.find((one) => installed.has(one.package));
  const worker = WORKERS.find((name) => installed.has(name));
  if (!found) {
    const served = ['public', 'static', 'www'].find((name) => existsSync(join(folder, name))) ?? '.';
    return { name: 'plain', public: join(folder, served), base: '/', ...(worker && { worker }) };
  }
  // The first is made if none is there: all of them serve it then.
  const served = found.folders.find((name) => existsSync(join(folder, name))) ?? found.folders[0]!;
  const config = found.config && readdirSync(folder).find((name) => found.config!.test(name));
  const base = (config && found.base?.exec(readFileSync(join(folder, config), 'utf8'))?.[1]) || '/';
  return { name: found.name, public: join(folder, served), base: `/${base.replace(/^\/|\/$/g, '')}/`.replace('//', '/'), ...(worker && { worker }) };
}

function dependencies(folder: string): Set<string> {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return new Set();
  try {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8'));
    return new Set(Object.keys({ ...dependencies, ...devDependencies }));
  } catch (error) {
    throw new Problem(`${file} is no JSON: ${(error as Error).message}`);
  }
}
