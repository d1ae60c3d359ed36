import { cpSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';

mkdirSync('out', { recursive: true });
cpSync('index.html', 'out/index.html');
export default { mode: 'production', entry: { page: './page.js', worker: './worker.js' }, output: { path: resolve('out'), filename: '[name].js' } };
