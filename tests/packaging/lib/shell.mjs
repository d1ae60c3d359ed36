// Whether the commands in the documentation exist, with the options that they are given.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { tidings } from '../../../scripts/lib/paths.mjs';
import { root } from '../../../scripts/lib/run.mjs';

const json = (/** @type {string} */ file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));

/** Programs of others, which are not ours to check. */
const OTHERS = ['apt-get', 'cd', 'cp', 'curl', 'docker', 'dx', 'git', 'ip', 'mkdir', 'node', 'openssl', 'printf', 'rustup', 'systemctl', 'trunk', 'wasm-bindgen'];

/** What `cargo new` makes in the README; readme-rust.test.mjs builds it. */
const NEW = ['page/Cargo.toml', 'worker/Cargo.toml'];

/**
 * What is wrong with the commands of a block; nothing if they are right.
 *
 * @param {string} code
 * @param {string} cli the packed `npx tidings`
 * @returns {string[]}
 */
export function wrongCommands(code, cli) {
  const lines = code.replaceAll('\\\n', ' ').split('\n').map((line) => line.replace(/(^|\s)#.*$/, '').trim()).filter(Boolean);
  return lines
    .flatMap((line) => line.split(/\s*(?:&&|\|\||\||;)\s*/))
    .flatMap((command) => {
      const [program, ...args] = words(command);
      const wrong = program && check(program, args, cli);
      return wrong ? [`${command}: ${wrong}`] : [];
    });
}

/** The words of a command without its redirections and the variables set for it. */
const words = (/** @type {string} */ command) =>
  (command.replaceAll(/\d?>>?\s*\S+/g, '').match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []).filter((word, index, all) => !(/^[A-Z_]+=/.test(word) && all.slice(0, index).every((one) => /^[A-Z_]+=/.test(one))));

function check(/** @type {string} */ program, /** @type {string[]} */ args, /** @type {string} */ cli) {
  switch (program) {
    case 'npm':
      return npm(args);
    case 'npx':
      if (args[0] !== 'tidings') return `npx ${args[0]} is not known`;
      return options([process.execPath, cli], args.slice(1));
    case 'tidings':
      return options([tidings], args);
    case 'tidings-push-service':
      return options([path.join(path.dirname(tidings), program)], ['', ...args]);
    case 'cargo':
      return cargo(args);
    default:
      return OTHERS.includes(program) ? undefined : 'this program is not known: see tests/packaging/lib/shell.mjs';
  }
}

/** Whether the subcommand's help has its options. */
function options(/** @type {string[]} */ [file, ...before], /** @type {string[]} */ [command, ...args]) {
  let help;
  try {
    help = execFileSync(file, [...before, ...(command ? [command] : []), '--help'], { encoding: 'utf8' });
  } catch (error) {
    return String(/** @type {Error} */ (error).message).split('\n').slice(0, 3).join(' ');
  }
  const unknown = args.filter((arg) => arg.startsWith('-')).map((arg) => arg.split('=')[0]).find((arg) => !new RegExp(`${arg}\\b(?!-)`).test(help));
  return unknown && `there is no option ${unknown}`;
}

function npm(/** @type {string[]} */ [command, ...args]) {
  const { scripts } = json('package.json');
  if (['install', 'i', 'ci', 'create', 'pack', 'publish', 'version', 'init'].includes(command)) return undefined;
  const script = command === 'run' ? args[0] : command;
  if (!scripts[script]) return `there is no script ${script}`;
  const more = args.slice(args.indexOf('--') + 1 || args.length);
  return script === 'start' ? options([tidings], ['serve', ...more]) : undefined;
}

function cargo(/** @type {string[]} */ [command, ...args]) {
  const metadata = JSON.parse(execFileSync('cargo', ['metadata', '--no-deps', '--offline', '--format-version', '1'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }));
  /** @type {{ name: string, features: object, targets: { name: string, kind: string[] }[] }[]} */
  const packages = metadata.packages;
  const after = (/** @type {string[]} */ names) => args.flatMap((arg, index) => (names.includes(arg) ? [args[index + 1]] : []));
  const named = [...after(['-p', '--package']), ...(command === 'install' || command === 'add' ? args.slice(0, 1) : [])];
  for (const name of named.filter((one) => one.startsWith('tidings'))) {
    const found = packages.find((one) => one.name === name);
    if (!found) return `there is no crate ${name}`;
    const feature = after(['--features', '-F']).flatMap((list) => list.split(',')).find((one) => !(one in found.features));
    if (feature) return `${name} has no feature ${feature}`;
    if (command === 'install' && !found.targets.some(({ kind }) => kind.includes('bin'))) return `${name} has no program`;
  }
  const [manifest] = after(['--manifest-path']);
  return manifest && !NEW.includes(manifest) && !existsSync(path.join(root, manifest)) ? `there is no ${manifest}` : undefined;
}
