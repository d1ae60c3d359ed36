import { cpSync } from 'node:fs';
import { build } from 'esbuild';

const shared = { bundle: true, minify: true, outdir: 'out' };
await build({ ...shared, entryPoints: ['page.js'], format: 'esm' });
await build({ ...shared, entryPoints: ['worker.js'], format: 'iife' });
cpSync('index.html', 'out/index.html');
