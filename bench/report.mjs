// npm run bench: measures, and writes the report, bench/results/. Do nothing else with the machine meanwhile.
//
//   npm run bench -- [section …] [--runs N] [--out FOLDER] [--smoke]
//
// Without a section all of them, but growth, outbox and the sender, which take longer: `npm run bench -- growth outbox`,
// `npm run bench:sender`. `--runs` in place of each section's own count. `--smoke`: one run of the fewest contenders, to see
// that it works.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, ifMain, root, step } from '../scripts/lib/run.mjs';
import { made } from './lib/markdown.mjs';
import { bytes } from './bytes.mjs';
import { click } from './click.mjs';
import { firefox } from './firefox.mjs';
import { growth } from './growth.mjs';
import { outbox } from './outbox.mjs';
import { page } from './page.mjs';
import { worker } from './worker.mjs';

/**
 * @typedef {object} Section
 * @property {string} name of its file, and on the command line
 * @property {string} title
 * @property {number} runs how often it measures each
 * @property {(options: { runs: number, smoke?: string[] }) => Promise<{ text: string, plots: Record<string, string> }>} make
 *   `smoke`: measure once, and only the contenders with these ids
 */

/** @type {Section[]} */
const SECTIONS = [worker, click, firefox, bytes, page, growth, outbox];
/** Run when they are asked for by name only: tens of thousands of notifications and entries take their time. */
const BY_NAME = [growth, outbox];

/** For the smoke test: the hand-written worker twice, and ours. */
const FEW = ['bench0', 'bench1', 'bench2'];

await ifMain(import.meta.url, async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: 'string' }, out: { type: 'string', default: path.join(root, 'bench/results') }, smoke: { type: 'boolean', default: false } },
  });
  const unknown = positionals.find((name) => !SECTIONS.some((section) => section.name === name));
  if (unknown) throw new Failure(`no section is called ${unknown}; there are ${SECTIONS.map(({ name }) => name).join(', ')}`);
  if (values.runs !== undefined && !(Number(values.runs) > 0)) throw new Failure(`--runs is a number from 1 on, not ${values.runs}`);
  const chosen = SECTIONS.filter(({ name }) => (positionals.length === 0 ? !BY_NAME.some((one) => one.name === name) : positionals.includes(name)));
  /** @type {string[]} */
  const failed = [];
  mkdirSync(values.out, { recursive: true });
  for (const { name, title, runs: usual, make } of chosen) {
    const runs = Number(values.runs ?? (values.smoke ? 1 : usual));
    const command = `npm run bench -- ${name}${runs === usual ? '' : ` --runs ${runs}`}`;
    try {
      const { text, plots } = await step(title, () => make({ runs, ...(values.smoke && { smoke: FEW }) }));
      writeFileSync(path.join(values.out, `${name}.md`), `# ${title}\n\n${made(command)}\n\n${text}`);
      for (const [file, svg] of Object.entries(plots)) writeFileSync(path.join(values.out, file), svg);
    } catch (error) {
      // The others' measurements are worth having all the same.
      console.error(error);
      failed.push(name);
    }
  }
  if (failed.length > 0) throw new Failure(`not measured: ${failed.join(', ')}`);
});
