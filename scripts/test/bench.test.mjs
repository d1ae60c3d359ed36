// The measurements still measure: sections in their shortest form, once, into a folder of their own. What they measure on a
// machine that runs tests is worth nothing, and is not looked at.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { read, root } from '../lib/run.mjs';
import { QUEUES } from '../../bench/outbox.mjs';

/** A worker written by hand, twice, and ours. */
const WORKERS = ['hand-written', 'hand-written again', 'Tidings, drop-in'];

/** What the report of each section must have a row for. */
const SECTIONS = { click: WORKERS, outbox: QUEUES.map(({ what }) => `${what}, Chromium`) };

test('a short form of the report has every contender', { timeout: 120_000 }, async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tidings-bench-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  await read(process.execPath, [path.join(root, 'bench/report.mjs'), ...Object.keys(SECTIONS), '--smoke', '--out', folder]);
  for (const [name, contenders] of Object.entries(SECTIONS)) {
    const report = readFileSync(path.join(folder, `${name}.md`), 'utf8');
    assert.match(report, new RegExp(`Made by \`npm run bench -- ${name} .*\` on `));
    for (const contender of contenders) {
      const row = report.split('\n').find((line) => line.startsWith(`| ${contender} |`));
      assert.ok(row, `${name} has a row of ${contender}`);
      const figures = row.split('|').slice(2, -1).map((cell) => Number.parseFloat(cell));
      assert.ok(figures.length > 1 && figures.every((figure) => figure > 0), `${name} has figures of ${contender}: ${row}`);
    }
    for (const [, plot] of report.matchAll(/\]\((.*\.svg)\)/g)) {
      const svg = readFileSync(path.join(folder, plot), 'utf8');
      assert.ok(!/NaN|undefined/.test(svg) && svg.match(/<rect/g)?.length, `${plot} is drawn`);
    }
  }
  assert.ok(readdirSync(folder).includes('outbox-memory.svg'), 'the plots are there');
});
