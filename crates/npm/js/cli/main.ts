// `npx tidings`: what a frontend needs on the command line. The server and the local push service are in the native
// program of the same name.

import { parseArgs } from 'node:util';
import { doctor } from './doctor';
import { Problem, type Say, Usage } from './failure';
import { init } from './init';
import { keys } from './keys';

const HELP = `Web Push: the worker, the keys, and a look at a deployed site.

Usage: npx tidings <command>

Commands:
  init [folder]   copy the service worker to the app's public folder, and say what to add
  keys            make a VAPID key pair for your server
  doctor <url>    check a deployed site: is everything there that a push needs?

npx tidings <command> --help tells the options. The application server and the local push service are in the native
program: cargo install tidings-cli`;

const INIT = `Copies the service worker to where the app serves it as /worker.js, and says what to add. Run it again after an update.

Usage: npx tidings init [folder] [options]

  [folder]         the app's; default: this one
  --public <dir>   the folder that the app serves as /; found for Vite, Next, Angular, SvelteKit, Nuxt, Astro and plain
  --as <name>      the worker's file name; default: worker.js
  --force          replace a file that is not Tidings'`;

const KEYS = `Makes a VAPID key pair. Nothing is stored. The private key is a secret: who has it can send to your users.

Usage: npx tidings keys [options]

  --env             as lines for an .env file
  --json            as JSON
  --contact <url>   whom push services may contact, mailto: or https:, for --env; default: mailto:admin@localhost
  --check <key>     make none: check this public key

  npx tidings keys --env >> .env`;

const DOCTOR = `Checks a deployed site, or one on localhost. Ends with 1 if something is missing.

Usage: npx tidings doctor <url> [options]

  --worker <path>   the worker's script; default: /worker.js
  --server <path>   the API that gives the key; default: /api/v1
  --key <key>       the applicationServerKey, if your app has it itself
  --json            the findings as JSON`;

/** The options of each command, its help, and what it does. */
const COMMANDS = {
  init: { help: INIT, options: { public: 'string', as: 'string', force: 'boolean' }, max: 1, run: init },
  keys: { help: KEYS, options: { env: 'boolean', json: 'boolean', contact: 'string', check: 'string' }, max: 0, run: keys },
  doctor: { help: DOCTOR, options: { worker: 'string', server: 'string', key: 'string', json: 'boolean' }, max: 1, run: doctor },
} as const;

/** Runs the command; gives the exit code: 0, 1 if something is wrong, 2 if the call was. */
async function main(argv: string[], say: Say): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    say(HELP);
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS[name as keyof typeof COMMANDS];
  if (!command) throw new Usage(`there is no command ${name}; there are ${Object.keys(COMMANDS).join(', ')}`);
  const options = Object.fromEntries(Object.entries({ ...command.options, help: 'boolean' }).map(([key, type]) => [key, { type }]));
  let given;
  try {
    given = parseArgs({ args: rest, options: options as Record<string, { type: 'string' | 'boolean' }>, allowPositionals: true });
  } catch (error) {
    throw new Usage(`${(error as Error).message.split('. ')[0]}; see npx tidings ${name} --help`);
  }
  if (given.values.help) {
    say(command.help);
    return 0;
  }
  if (given.positionals.length > command.max) throw new Usage(`${name} does not take “${given.positionals[command.max]}”; see npx tidings ${name} --help`);
  return (await command.run(given.positionals, given.values as any, say)) ?? 0;
}

try {
  process.exitCode = await main(process.argv.slice(2), console.log);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(`✗ ${error.message}`);
  process.exitCode = error instanceof Usage ? 2 : 1;
}
