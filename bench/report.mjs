// npm run bench: measures the worker beside others and writes the report, bench/results/worker.md with a plot. `--runs N`
// measures N times (30). Do nothing else with the machine meanwhile.

import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ifMain, root } from '../scripts/lib/run.mjs';
import { weigh } from '../scripts/size.mjs';
import { measure, median, noise, quantile, ratio, spread } from './worker.mjs';

/** @typedef {import('./contenders.mjs').Contender} Contender */

const HOW = /** @type {const} */ (['cold', 'warm']);
const RESULTS = path.join(root, 'bench/results');

const times = (/** @type {Contender} */ one, /** @type {Contender} */ hand, /** @type {'cold' | 'warm'} */ how) =>
  `${spread(one[how])} | ${ratio(one, hand, how).toFixed(2)}`;

/** @param {Contender[]} all @param {number} runs */
function report(all, runs) {
  const [hand] = all;
  const rows = all.map((one) => {
    const { raw, gzip, brotli } = weigh(Buffer.from(one.script));
    return `| ${one.what} | ${times(one, hand, 'cold')} | ${times(one, hand, 'warm')} | ${raw} | ${gzip} | ${brotli} |`;
  });
  return `# A push, until its notification is displayed

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${os.cpus().length} cores of ${os.cpus()[0]?.model.trim()}, ${os.type()}, Node ${process.version}.

Chromium; from DevTools' \`ServiceWorker.deliverPushMessage\` to the browser's own "Notification displayed", in milliseconds: the
median of ${runs} (and the quartiles), and how many times that of a worker written by hand. Cold: no service worker runs before it.
Warm: the third push to a running worker. All take turns in one browser, and each gets the same notification in the form that it
understands. The hand-written one takes part twice; what sets the two apart is noise: ${HOW.map((how) => noise(all, how)).join(', ')}.

![Cold and warm, median and quartiles](worker.svg)

| worker | cold, ms | × | warm, ms | × | bytes | gzip | brotli |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}

Tidings' bytes hold an outbox; the hand-written worker does what Tidings does on this path, and nothing else. Firebase's opens
IndexedDB at each start.
`;
}

/** @param {Contender[]} all */
function plot(all) {
  const [left, width, row] = [220, 460, 44];
  const most = Math.max(...all.map(({ cold }) => quantile(cold, 0.75)));
  const x = (/** @type {number} */ ms) => (left + (ms / most) * width).toFixed(1);
  const bars = all.flatMap((one, index) => [
    `<text x="${left - 10}" y="${index * row + 32}" text-anchor="end">${one.what}</text>`,
    ...HOW.map((how, line) => {
      const y = index * row + 12 + line * 16;
      return `<rect class="${how}" x="${left}" y="${y}" width="${(Number(x(median(one[how]))) - left).toFixed(1)}" height="13"/>
  <path d="M${x(quantile(one[how], 0.25))} ${y + 6.5}H${x(quantile(one[how], 0.75))}"/>
  <text class="small" x="${Number(x(quantile(one[how], 0.75))) + 6}" y="${y + 11}">${median(one[how]).toFixed(1)}</text>`;
    }),
  ]);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 60}" height="${all.length * row + 20}" role="img" aria-label="Milliseconds from push to notification, cold and warm, by worker">
<style>text{font:14px system-ui,sans-serif;fill:#111}.small{font-size:11px}.cold{fill:#4a6ee0}.warm{fill:#9db2f2}path{stroke:#111;stroke-width:1.5}@media(prefers-color-scheme:dark){text{fill:#eee}path{stroke:#eee}}</style>
${bars.join('\n')}
</svg>
`;
}

await ifMain(import.meta.url, async () => {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '30' } } });
  const runs = Number(values.runs);
  const all = await measure(runs);
  mkdirSync(RESULTS, { recursive: true });
  const text = report(all, runs);
  writeFileSync(path.join(RESULTS, 'worker.md'), text);
  writeFileSync(path.join(RESULTS, 'worker.svg'), plot(all));
  console.log(text);
});
