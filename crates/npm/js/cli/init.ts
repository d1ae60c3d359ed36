// `npx tidings init`.

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem, type Say, Usage } from './failure';
import { inspect } from './project';

interface Options {
  public?: string;
  as?: string;
  force?: boolean;
}

/** The script that the package holds, beside this program. */
const source = () => readFileSync(fileURLToPath(new URL('./worker.js', import.meta.url)));

export function init([folder = '.']: string[], { public: given, as: name = 'worker.js', force }: Options, say: Say): void {
  if (!/^[\w.-]+\.m?js$/.test(name)) throw new Usage(`--as must be a file name like worker.js, not “${name}”`);
  const project = inspect(folder);
  const served = given === undefined ? project.public : resolve(folder, given);
  if (given !== undefined && !existsSync(served)) throw new Problem(`There is no folder ${served}.\n  Make it, or give another with --public.`);
  say(`This is ${project.name === 'plain' ? 'an app without a framework that I know' : `an app with ${project.name}`}.`);
  if (project.worker) return joins(project.worker, served, project.base, say);

  const file = join(served, name);
  const shown = relative('.', file);
  const url = project.base + name;
  const worker = source();
  const before = existsSync(file) ? readFileSync(file) : undefined;
  if (before?.equals(worker)) {
    say(`✓ ${shown} is up to date`);
  } else {
    if (before && !isOurs(before) && !force) {
      throw new Problem(`${shown} is there and is not Tidings'.
  A scope has one service worker. Keep yours and add this line to it:
    importScripts('${project.base}tidings-worker.js');
  after: npx tidings init --as tidings-worker.js
  Or replace it: npx tidings init --force`);
    }
    if (existsSync(served) && !statSync(served).isDirectory()) throw new Problem(`${served} is a file; give the folder that is served as / with --public`);
    mkdirSync(served, { recursive: true });
    writeFileSync(file, worker);
    say(`✓ ${shown} ${before ? 'updated' : 'written'}: it is the whole service worker, for all pages under ${project.base}`);
  }
  if (name.includes('tidings')) return;
  if (project.name === 'Angular' && !served.endsWith('public')) say(`  angular.json must serve it: add { "glob": "${name}", "input": "src", "output": "/" } to "assets".`);
  say(`
Add to your page:

  import { createPush } from 'tidings';
  const push = createPush({ worker: '${url}', server: null, applicationServerKey: '…' }); // the key: npx tidings keys
  button.onclick = () => push.subscribe(); // upload what it gives to your server

Add to "scripts" in package.json, so that it is always the installed version's: "prebuild": "tidings init"
When it is deployed: npx tidings doctor https://your.site`);
}

/** Where another tool makes the worker, Tidings is an addition to it. */
function joins(tool: string, served: string, base: string, say: Say): void {
  const name = 'tidings-worker.js';
  mkdirSync(served, { recursive: true });
  writeFileSync(join(served, name), source());
  say(`✓ ${relative('.', join(served, name))} written

${tool} makes the service worker of this app, and a scope has only one. Have it load Tidings:

  importScripts('${base}${name}');

${HOW[tool] ?? 'in the worker that it builds (Workbox: the option importScripts)'}
It handles declarative messages only, and leaves all others alone; the worker's URL goes to createPush({ worker }).`);
}

const HOW: Record<string, string> = {
  '@angular/service-worker': "in a file sw.js beside it, after importScripts('./ngsw-worker.js'), and register sw.js in its place",
  'vite-plugin-pwa': "by its option workbox: { importScripts: ['/tidings-worker.js'] }",
};

/** The bundle has no name in it but the mark that its messages carry. */
const isOurs = (bytes: Buffer) => /["']tidings["']/.test(bytes.toString('latin1')) && bytes.length > 5_000;
