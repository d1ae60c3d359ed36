// The code in the documentation, so that it can be run.
import { readFileSync } from 'node:fs';
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
