// The text of a report: tables, and where and when it was made.

import { cpus, type } from 'node:os';

/** @typedef {string | number} Cell */

/** A table; columns of numbers are aligned to the right. @param {string[]} head @param {Cell[][]} rows */
export function table(head, rows) {
  const line = (/** @type {Cell[]} */ cells) => `| ${cells.join(' | ')} |`;
  const number = (/** @type {Cell | undefined} */ cell) => /^[-–]?[\d.]/.test(String(cell ?? '')) || cell === '–' || cell === '';
  const rule = head.map((_, column) => (rows.length > 0 && rows.every((row) => number(row[column])) ? '---:' : '---'));
  return [line(head), `|${rule.join('|')}|`, ...rows.map(line)].join('\n');
}

/** "Made by … on … on this machine." @param {string} command that makes it again */
export function made(command) {
  const { length, 0: first } = cpus();
  return `Made by \`${command}\` on ${new Date().toISOString().slice(0, 10)}: ${length} cores of ${first?.model.trim()}, ${type()}, Node ${process.version}.`;
}
