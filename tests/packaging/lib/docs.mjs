// The code in the documentation, so that it can be run.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../../scripts/lib/run.mjs';

/**
 * The code blocks of a language, in order.
 *
 * @param {string} file in the repository
 * @param {string} language
 * @param {string} [heading] only those of the section with this heading, up to the next heading
 */
export function blocks(file, language, heading) {
  let text = readFileSync(path.join(root, file), 'utf8');
  if (heading) {
    const [, section] = text.split(new RegExp(`^#+ ${heading}$`, 'm'));
    if (section === undefined) throw new Error(`${file} has no section “${heading}”`);
    // A heading is at the start of a line outside of code; comments of shells look the same.
    text = section.split(/^```$/m).reduce((kept, part) => (kept.end ? kept : { text: `${kept.text}${part}\n\`\`\`\n`, end: /^#+ /m.test(part.split('```')[0]) }), { text: '', end: false }).text;
  }
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code);
}

/** The documents for users: what is in their blocks must work. */
export const documents = () => [
  ...readdirSync(root).filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md'),
  ...readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];

/**
 * All code blocks of a document.
 *
 * @param {string} file in the repository
 * @returns {{ file: string, line: number, language: string, code: string }[]} `line`: of its first line of code, from 1
 */
export function everyBlock(file) {
  const found = [];
  /** @type {{ line: number, language: string, fence: string, lines: string[] } | undefined} */
  let open;
  for (const [index, line] of readFileSync(path.join(root, file), 'utf8').split('\n').entries()) {
    const [, fence, info = ''] = /^ *(`{3,})(.*)$/.exec(line) ?? [];
    if (open && fence === open.fence && info === '') {
      found.push({ file, line: open.line, language: open.language, code: `${open.lines.join('\n')}\n` });
      open = undefined;
    } else if (open) open.lines.push(line);
    else if (fence) open = { line: index + 2, language: info.trim(), fence, lines: [] };
  }
  if (open) throw new Error(`${file}:${open.line}: a block is not closed`);
  return found;
}

/** The addresses that a document links to. @param {string} file */
export const links = (file) =>
  [...readFileSync(path.join(root, file), 'utf8').replaceAll(/^ *```[^]*?^ *```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to);

/** The anchors that GitHub makes of a document's headings. @param {string} file */
export const anchors = (file) =>
  [...readFileSync(path.join(root, file), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'),
  );
