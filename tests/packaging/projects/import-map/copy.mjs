// No bundler: the package's files as they are, found by an import map.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

mkdirSync('out', { recursive: true });
for (const file of ['page.js', 'worker.js']) cpSync(file, `out/${file}`);
cpSync('node_modules/tidings/dist', 'out/tidings', { recursive: true });
const map = '<script type="importmap">{ "imports": { "tidings": "/tidings/index.js" } }</script>';
writeFileSync('out/index.html', readFileSync('index.html', 'utf8').replace('<button', `${map}\n  <button`));
// Import maps do not reach into workers: a module worker names the file.
writeFileSync('out/worker.js', readFileSync('worker.js', 'utf8').replace("'tidings/worker'", "'/tidings/worker.mjs'"));
