// The report of the senders, from figures that are known.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { report } from '../../bench/sender.mjs';

test('the report compares with npm as it is documented, by medians', () => {
  const one = { count: 10, cpu: 0.5, peak: 20.4, service: 0.25, protocol: 'HTTP/2', repeated: 0 };
  const figures = [100, 900, 500].map((rate) => ({ ...one, name: 'Tidings', rate }));
  const peer = { ...one, name: 'npm web-push 3.6', rate: 100, protocol: 'HTTP/1.1' };
  const costs = [{ name: 'tidings encrypt', median: 44, low: 40, high: 50 }, { name: 'bare, ring', median: 40, low: 39, high: 41 }];
  const { text, plot } = report([...figures, peer], costs);
  assert.match(text, /\| Tidings \| 10 \| 500 \| 5\.0 \| 0\.500 \| 20 \| HTTP\/2 \| 25 % \| 0 \|/);
  assert.match(text, /\| npm web-push 3\.6 \| 10 \| 100 \| 1\.0 \|/);
  assert.match(text, /\| tidings encrypt \| 44\.0 \| 40\.0–50\.0 \| 1\.10 \|/);
  assert.match(plot, /^<svg[\s\S]+500[\s\S]+<\/svg>/);
});
