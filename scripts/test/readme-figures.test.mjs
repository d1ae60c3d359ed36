// The README quotes the report of the worker, and nothing else: each figure of its table stands there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { root } from '../lib/run.mjs';

/** What the README calls otherwise. @type {Record<string, string>} */
const NAMES = { 'written by hand, for this path only': 'hand-written', Tidings: 'Tidings, drop-in' };

/** The rows of the first table after `heading` that begins with a column "worker". @param {string} file @param {string} heading */
function rowsOf(file, heading) {
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  const from = lines.findIndex((line) => line.startsWith(heading));
  const head = lines.findIndex((line, at) => at > from && line.startsWith('| worker |'));
  assert.ok(from >= 0 && head > 0, `${file} has no table of workers under ${heading}`);
  const end = lines.findIndex((line, at) => at > head && !line.startsWith('|'));
  return lines.slice(head + 2, end).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

test("the README's speed is what the report says", () => {
  const report = new Map(rowsOf('bench/results/worker.md', '# ').map(([name, ...cells]) => [name, cells]));
  const quoted = rowsOf('README.md', '## Speed');
  assert.ok(quoted.length >= 3, 'the table is there');
  for (const [name, ...figures] of quoted) {
    const cells = report.get(NAMES[name] ?? name);
    assert.ok(cells, `the report has no ${name}`);
    // The median without its quartiles.
    assert.deepEqual(figures, cells.slice(0, 4).map((cell) => cell.replace(/ \(.*/, '')), name);
  }
});
