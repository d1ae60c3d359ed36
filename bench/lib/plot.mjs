// Plots for the reports, as SVG that is readable in light and in dark: bars beside each other, and lines over a growing number.

import { short } from './statistics.mjs';

/**
 * @typedef {{ middle: number, low: number, high: number }} Summary as statistics.mjs gives it
 * @typedef {{ name: string, values: (Summary | undefined)[] }} Group one value for each series; undefined: not measured
 */

const COLOURS = ['#4a6ee0', '#9db2f2', '#e08a3c', '#3f9c78', '#b05cc6', '#c2504f'];
const STYLE = `<style>text{font:13px system-ui,sans-serif;fill:#111}.small{font-size:11px}.end{text-anchor:end}.middle{text-anchor:middle}path,.axis{stroke:#111;fill:none;stroke-width:1.5}.grid{stroke:#8884;stroke-width:1}@media(prefers-color-scheme:dark){text{fill:#eee}path,.axis{stroke:#eee}}</style>`;

const escape = (/** @type {string} */ text) => text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);

/** @param {number} width @param {number} height @param {string} label @param {string[]} parts */
const svg = (width, height, label, parts) => `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" role="img" aria-label="${escape(label)}">
${STYLE}
${parts.join('\n')}
</svg>
`;

/** Names and colours of what is drawn. @param {string[]} series @param {number} left */
function legend(series, left) {
  let x = left;
  return series.map((name, index) => {
    const part = `<rect x="${x}" y="6" width="12" height="12" fill="${COLOURS[index]}"/><text class="small" x="${x + 17}" y="16">${escape(name)}</text>`;
    x += 30 + name.length * 6.5;
    return part;
  });
}

/**
 * Horizontal bars with their quartiles: a group for each contender, in it a bar for each series.
 *
 * @param {{ label: string, series: string[], groups: Group[] }} about `label` says what is measured, with its unit
 */
export function bars({ label, series, groups }) {
  const [left, width, bar, gap] = [230, 460, 16, 12];
  const most = Math.max(...groups.flatMap(({ values }) => values.map((value) => value?.high ?? 0)));
  const x = (/** @type {number} */ value) => Number((left + (value / most) * width).toFixed(1));
  const row = series.length * bar + gap;
  const parts = series.length > 1 ? legend(series, left) : [];
  const top = series.length > 1 ? 26 : 6;
  groups.forEach(({ name, values }, group) => {
    const y0 = top + group * row;
    parts.push(`<text class="end" x="${left - 10}" y="${y0 + (series.length * bar) / 2 + 5}">${escape(name)}</text>`);
    values.forEach((value, index) => {
      const y = y0 + index * bar;
      if (!value) return void parts.push(`<text class="small" x="${left + 6}" y="${y + 11}">–</text>`);
      parts.push(
        `<rect fill="${COLOURS[index]}" x="${left}" y="${y}" width="${(x(value.middle) - left).toFixed(1)}" height="${bar - 3}"/>`,
        `<path d="M${x(value.low)} ${y + 6.5}H${x(value.high)}"/>`,
        `<text class="small" x="${x(Math.max(value.high, value.middle)) + 6}" y="${y + 11}">${short(value.middle)}</text>`,
      );
    });
  });
  return svg(left + width + 60, top + groups.length * row, label, parts);
}

/**
 * Lines over a number that grows tenfold from step to step, on an axis that begins at 0.
 *
 * @param {{ label: string, unit: string, series: { name: string, points: ({ x: number } & Summary)[] }[] }} about
 */
export function lines({ label, unit, series }) {
  const [left, top, width, height] = [60, 30, 560, 240];
  const xs = series.flatMap(({ points }) => points.map(({ x }) => Math.log10(x)));
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  const most = Math.max(...series.flatMap(({ points }) => points.map(({ high }) => high))) * 1.05;
  const x = (/** @type {number} */ value) => (left + ((Math.log10(value) - first) / (last - first || 1)) * width).toFixed(1);
  const y = (/** @type {number} */ value) => (top + height - (value / most) * height).toFixed(1);
  const parts = legend(series.map(({ name }) => name), left);
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(
      `<line class="grid" x1="${left}" x2="${left + width}" y1="${y(most * part)}" y2="${y(most * part)}"/>`,
      `<text class="small end" x="${left - 6}" y="${Number(y(most * part)) + 4}">${part ? short(most * part) : 0} ${part === 1 ? unit : ''}</text>`,
    );
  }
  for (const value of new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))) {
    parts.push(`<text class="small middle" x="${x(value)}" y="${top + height + 18}">${value.toLocaleString('en').replaceAll(',', ' ')}</text>`);
  }
  series.forEach(({ points }, index) => {
    const colour = COLOURS[index];
    parts.push(`<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map((point) => `${x(point.x)},${y(point.middle)}`).join(' ')}"/>`);
    for (const point of points) {
      parts.push(
        `<line stroke="${colour}" x1="${x(point.x)}" x2="${x(point.x)}" y1="${y(point.low)}" y2="${y(point.high)}"/>`,
        `<circle fill="${colour}" cx="${x(point.x)}" cy="${y(point.middle)}" r="3.5"/>`,
      );
    }
  });
  return svg(left + width + 40, top + height + 30, label, parts);
}
