// npm run audit: licences, sources and known vulnerabilities of all that is depended on. Fails for what is found; what cannot
// be checked without the internet is named.

import path from 'node:path';
import { Failure, ifMain, read, root, run, step, which } from './lib/run.mjs';
import { badLicences } from './lib/supply.mjs';

const DENY = '0.20.2';
const TOOLS = path.join(root, '.tools');

async function cargoDeny() {
  const found = which('cargo-deny', [path.join(TOOLS, 'bin')]);
  if (found) return found;
  await step(`Installing cargo-deny ${DENY} into .tools (once, takes some minutes)`, () =>
    run('cargo', ['install', '--quiet', '--locked', '--root', TOOLS, 'cargo-deny', '--version', DENY]),
  );
  return path.join(TOOLS, 'bin/cargo-deny');
}

/**
 * Whether something was checked and is good; `undefined` if it could not be checked, `false` if it is bad.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {RegExp} unreachable what it says when it did not reach its database
 */
async function check(command, args, unreachable) {
  try {
    await read(command, args);
    return true;
  } catch (error) {
    const text = String(error);
    if (unreachable.test(text)) return undefined;
    console.error(text);
    return false;
  }
}

await ifMain(import.meta.url, async () => {
  const deny = await cargoDeny();
  const denied = ['--log-level', 'error', 'check', '--hide-inclusion-graph'];
  const bad = badLicences();
  bad.forEach((one) => console.error(one));
  const results = {
    'crates: licences, bans, sources': await check(deny, [...denied, 'licenses', 'bans', 'sources'], /^$/),
    'crates: advisories (RustSec)': await check(deny, [...denied, 'advisories'], /failed to fetch advisory database/),
    'npm: licences': bad.length === 0,
    'npm: advisories': await check('npm', ['audit', '--audit-level=moderate', '--loglevel=error'], /audit endpoint returned an error|ENOTFOUND|ECONN/),
  };
  for (const [what, good] of Object.entries(results)) {
    console.log(good ? `✓ ${what}` : good === undefined ? `? ${what}: not checked, its database does not answer` : `✗ ${what}`);
  }
  if (Object.values(results).includes(false)) throw new Failure('the audit found something');
});
