import { cpSync, mkdirSync } from 'node:fs';
import { nodeResolve } from '@rollup/plugin-node-resolve';

mkdirSync('out', { recursive: true });
cpSync('index.html', 'out/index.html');
const plugins = [nodeResolve({ browser: true })];
export default [
  { input: 'page.js', output: { dir: 'out', format: 'es' }, plugins },
  { input: 'worker.js', output: { dir: 'out', format: 'iife' }, plugins },
];
