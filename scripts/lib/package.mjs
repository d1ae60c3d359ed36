// What makes the npm package complete besides what browsers load: the programs for Node, types that every resolver finds, source maps that hold sources only, and stubs for Parcel.

import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build as bundle } from 'esbuild';

/** Programs of Node are read and debugged by those who use them, so they stay as they were written. */
const forNode = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning', external: ['dbus-next'] };

/** The bundles for Node. @param {{ npm: string, dist: string }} folders */
export async function bundleForNode({ npm, dist }) {
  await bundle({ ...forNode, entryPoints: [join(npm, 'js/testing/index.ts')], outfile: join(dist, 'testing.js'), sourcemap: 'linked' });
  const cli = join(dist, 'cli.js');
  await bundle({ ...forNode, entryPoints: [join(npm, 'js/cli/main.ts')], outfile: cli, banner: { js: '#!/usr/bin/env node' } });
  chmodSync(cli, 0o755);
}

/** Makes what is in `dist` fit for others; after all bundles and types are there. */
export function finishPackage(npm) {
  const dist = join(npm, 'dist');
  const { exports } = JSON.parse(readFileSync(join(npm, 'package.json'), 'utf8'));
  const entries = Object.entries(exports).filter(([, entry]) => entry.types);
  finishTypes(dist, entries.map(([, { types }]) => join(npm, types)));
  for (const file of readdirSync(dist)) if (file.endsWith('.map')) finishMap(join(dist, file));
  for (const [name, entry] of entries) if (name !== '.') writeStub(npm, name, entry);
}

/** TypeScript's node16 resolution wants whole file names; files that no entry leads to are nobody's. */
function finishTypes(dist, entries) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(file, 'utf8').replaceAll(
      /(\bfrom |\bimport\(|^import )(['"])(\.{1,2}\/[^'"]*?)(?:\.js)?\2/gm,
      (_, before, quote, name) => {
        visit(resolve(dirname(file), `${name}.d.ts`));
        return `${before}${quote}${name}.js${quote}`;
      },
    );
    writeFileSync(file, text);
  };
  entries.forEach(visit);
  for (const file of readdirSync(dist, { recursive: true })) {
    const path = join(dist, file);
    if (path.endsWith('.d.ts') && !reached.has(path)) rmSync(path);
  }
  for (const folder of readdirSync(dist, { withFileTypes: true })) {
    if (folder.isDirectory() && readdirSync(join(dist, folder.name)).length === 0) rmSync(join(dist, folder.name), { recursive: true });
  }
}

/** The inlined bytes are no source that anybody reads, and the paths of the machine that built it are nobody's business. */
function finishMap(file) {
  const map = JSON.parse(readFileSync(file, 'utf8'));
  map.sources.forEach((source, index) => {
    if (/^inline:|optimised|:(wasm|module)$/.test(source)) map.sourcesContent[index] = '// The bytes of the WASM, inlined by the build.';
    map.sources[index] = `tidings/${relative(resolve('/crates/npm'), resolve('/crates/npm/dist', source)).replaceAll('\\', '/').replace(/^(\.\.\/)+/, '')}`;
  });
  writeFileSync(file, JSON.stringify(map));
}

/** Parcel and old resolvers read no `exports`: a folder with the entry's name leads them there. */
function writeStub(npm, name, { types, default: main }) {
  const folder = join(npm, name);
  mkdirSync(folder, { recursive: true });
  const to = (file) => relative(folder, join(npm, file)).replaceAll('\\', '/');
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type: 'module', sideEffects: false, main: to(main), types: to(types) }, null, 2)}\n`);
}
