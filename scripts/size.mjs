// The bytes that a browser loads, against the budgets. Fails above "must".

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { Failure, ifMain, root } from './lib/run.mjs';

/** Budgets in bytes after brotli -q 11; see "Budgets" in the README. */
const BUDGETS = [
  { what: 'worker script', file: 'crates/npm/dist/worker.js', must: 16_000, aim: 10_000 },
  { what: 'outbox entry', file: 'crates/npm/dist/outbox.js', must: 3_500, aim: 3_000 },
  { what: 'page entry', file: 'crates/npm/dist/index.js', must: 14_000, aim: 9_000 },
];

/** What a file weighs, raw and on the wire. */
export function weigh(bytes) {
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
  };
}

/** Prints the table; returns what is above "must". */
export function sizes() {
  const rows = BUDGETS.map((budget) => ({ ...budget, ...weigh(readFileSync(join(root, budget.file))) }));
  console.table(Object.fromEntries(rows.map(({ what, raw, gzip, brotli, must, aim }) => [what, { raw, gzip, brotli, must, aim }])));
  return rows.filter(({ brotli, must }) => brotli > must);
}

/** Fails above "must". */
export function checkSizes() {
  const above = sizes();
  if (above.length > 0) {
    throw new Failure(above.map(({ what, brotli, must }) => `the ${what} has ${brotli} bytes after brotli, it must have ${must} at most`).join('\n'));
  }
}

await ifMain(import.meta.url, checkSizes);
