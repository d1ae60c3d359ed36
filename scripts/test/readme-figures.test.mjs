// The README quotes two reports, of the worker and of the outbox, and nothing else: each figure of its tables stands there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { root } from '../lib/run.mjs';

/** What the README calls otherwise. @type {Record<string, string>} */
const NAMES = { 'written by hand, for this path only': 'hand-written', Tidings: 'Tidings, drop-in' };

/** The rows of the first table after `heading` whose first column is called this. @param {string} file @param {string} heading @param {string} column */
function rowsOf(file, heading, column) {
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  const from = lines.findIndex((line) => line.startsWith(heading));
  const head = lines.findIndex((line, at) => at > from && line.startsWith(`| ${column} |`));
  assert.ok(from >= 0 && head > 0, `${file} has no table of a ${column} under ${heading}`);
  const end = lines.findIndex((line, at) => at > head && !line.startsWith('|'));
  return lines.slice(head + 2, end).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
}

for (const [file, column, least] of /** @type {const} */ ([['worker', 'worker', 3], ['outbox', 'queue', 4]])) {
  test(`the README's figures of the ${file} are what the report says`, () => {
    const report = new Map(rowsOf(`bench/results/${file}.md`, '# ', column).map(([name, ...cells]) => [name, cells]));
    const quoted = rowsOf('README.md', '## Speed', column);
    assert.ok(quoted.length >= least, 'the table is there');
    for (const [name, ...figures] of quoted) {
      const cells = report.get(NAMES[name] ?? name);
      assert.ok(cells && figures.length > 0, `the report has no ${name}`);
      // The median without its quartiles.
      assert.deepEqual(figures, cells.slice(0, figures.length).map((cell) => cell.replace(/ \(.*/, '')), name);
    }
  });
}
