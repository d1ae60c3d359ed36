// Every public item of the two crates that apps use has an example, its own or one that shows it by name. That the examples
// compile, and hold where they can run without a browser, is what `cargo test --doc` checks.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { root } from '../lib/run.mjs';

/** What needs none, by name and with the reason. @type {Record<string, string>} */
const EXEMPT = {
  'crates/core/src/head.rs': 'hidden: the head of the page, for its own hands and for the npm package',
  'crates/client/src/worker/exports.rs': 'what export_worker! makes in the app’s crate, for JavaScript; the macro itself is looked at below',
};

/** @typedef {{ name: string, kind: string, docs: string, where: string }} Item */

const ITEM = /^(\s*)pub (?:(?:async|const|unsafe) )*(fn|struct|enum|trait|type|const) (\$?\w+)|^()macro_(rules)! (\w+)/;

/** The public items of a file, with what is written above each. @returns {Item[]} */
const items = (/** @type {string} */ file) => {
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  const end = lines.findIndex((line, at) => line === '#[cfg(test)]' && /^mod \w+ \{/.test(lines[at + 1] ?? ''));
  return lines.slice(0, end < 0 ? undefined : end).flatMap((line, at, all) => {
    const [, , kind = '', item, , rules, macro] = ITEM.exec(line) ?? [];
    if (!item && !macro) return [];
    let first = at;
    // Documentation and attributes, up to an empty line or the end of something else.
    while (first > 0 && /^\s*(\/\/|#|\S.*\)\]$|\w+ = )|^\s*\$\(#|^\s*\$\(\$\(#/.test(all[first - 1] ?? '')) first -= 1;
    const above = all.slice(first, at);
    if (macro && !above.includes('#[macro_export]')) return [];
    const docs = above.filter((text) => /\/\/\/|#\[doc = /.test(text)).join('\n');
    return [{ name: item ?? macro ?? '', kind: rules ? 'macro' : kind, docs, where: `${file}:${at + 1}` }];
  });
};

/** How the documentation in a macro names the type that the macro makes. */
const OF_THE_MADE = /concat!\(".*See the example of \[`", stringify!\(\$name\)/;

/** The types that a file's own macros make, with their members. */
const madeIn = (/** @type {string} */ file) =>
  [...readFileSync(path.join(root, file), 'utf8').matchAll(/^\w+! \{\n((?: {4}\/\/\/.*\n)+) {4}(\w+)(?: \{\n([\s\S]*?)\n {4}\})?\n/gm)].map(([, docs = '', name = '', members = '']) => ({
    name, docs, members: [...members.matchAll(/^ {8}(\w+),$/gm)].map(([, member = '']) => member),
  }));

const shows = (/** @type {string} */ example, /** @type {string} */ name) => new RegExp(`\\b${name}\\b`).test(example);

/** The code in documentation. */
const code = (/** @type {string} */ docs) => docs.split('```').filter((_, at) => at % 2).join('\n');

for (const crate of ['client', 'core']) {
  test(`every public item of crates/${crate} has an example, or is shown in the one it names`, () => {
    const folder = `crates/${crate}/src`;
    const files = readdirSync(path.join(root, folder), { recursive: true }).map((file) => path.posix.join(folder, String(file).split(path.sep).join('/'))).filter((file) => file.endsWith('.rs') && !file.endsWith('/tests.rs'));
    const all = files.flatMap((file) => items(file).filter(({ kind }) => kind === 'macro' || !(file in EXEMPT)));
    assert.ok(all.length > 60, `${all.length} items were found: is the search broken?`);
    const wrong = all.filter(({ name, docs, where }) => {
      const file = where.slice(0, where.indexOf(':'));
      if (name === '$name') return madeIn(file).length < 2;
      if (code(docs)) return false;
      if (OF_THE_MADE.test(docs)) {
        // In each of the types that the macro makes.
        return madeIn(file).some(({ docs, members }) => (name === '$member' ? members : [name]).some((member) => !shows(code(docs), member)));
      }
      const [, shown] = /See the example of \[`(?:\w+::)?(\w+)(?:\(\))?`\]/.exec(docs) ?? [];
      const inFile = [...all.filter((one) => one.where.startsWith(`${file}:`)), ...madeIn(file)];
      return !inFile.some((one) => one.name === shown && shows(code(one.docs), name));
    });
    assert.deepEqual(wrong.map(({ name, where }) => `${where} ${name}`), []);
  });
}

test('what is exempt exists', () => {
  for (const file of Object.keys(EXEMPT)) assert.ok(readFileSync(path.join(root, file)).length, file);
});
