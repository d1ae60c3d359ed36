// npm run docs: the reference of every entry of the npm package and of every crate, from the code, in target/reference.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Failure, ifMain, root, run, step } from './lib/run.mjs';

const tools = join(root, 'target/typedoc');
const out = join(root, 'target/reference');
const npm = join(root, 'crates/npm');

/** Types that others are made of, and that nobody names. */
const PARTS = ['CODES', 'MaybePromise', 'PushErrorOf', 'StoredRequest'];

/**
 * The reference of the npm package, by TypeDoc from the types that the package holds. It fails on anything that is exported
 * and not described, on links that lead nowhere, and on every other warning.
 *
 * @returns {Promise<string>} its folder
 */
export async function npmReference() {
  const { exports } = JSON.parse(readFileSync(join(npm, 'package.json'), 'utf8'));
  const types = Object.values(exports).flatMap(({ types }) => (types ? [join(npm, types)] : []));
  if (!existsSync(types[0])) throw new Failure('the package is not built: npm run build');
  await install();
  const named = (file) => relative(tools, file).replaceAll('\\', '/');
  writeFileSync(join(tools, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      target: 'ES2022', module: 'ESNext', moduleResolution: 'Bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'],
      types: ['node'], typeRoots: [named(join(root, 'node_modules/@types'))], strict: true, skipLibCheck: true,
    },
    files: types.map(named),
  }));
  writeFileSync(join(tools, 'typedoc.json'), JSON.stringify({
    name: 'tidings', entryPoints: types.map(named), tsconfig: 'tsconfig.json', out: named(join(out, 'npm')),
    readme: 'none', disableSources: true, excludeInternal: true, excludePrivate: true, logLevel: 'Warn',
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    // Members that say by their name and type what they are need no sentence.
    requiredToBeDocumented: ['Function', 'Class', 'Interface', 'TypeAlias', 'Variable', 'Enum', 'Method', 'Accessor'],
    intentionallyNotExported: PARTS, treatWarningsAsErrors: true, treatValidationWarningsAsErrors: true,
  }));
  await run(process.execPath, [join(tools, 'node_modules/typedoc/bin/typedoc'), '--options', 'typedoc.json'], { cwd: tools });
  return join(out, 'npm');
}

/** TypeDoc, by its lock file, with a TypeScript of its own. */
async function install() {
  const source = join(root, 'scripts/typedoc');
  const lock = readFileSync(join(source, 'package-lock.json'), 'utf8');
  const stamp = join(tools, 'node_modules/.installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  mkdirSync(tools, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(source, file), join(tools, file));
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: tools });
  writeFileSync(stamp, lock);
}

/** The reference of the crates, by rustdoc. */
async function crateReference() {
  await run('cargo', ['doc', '--quiet', '--no-deps', '--workspace'], { env: { ...process.env, RUSTDOCFLAGS: '-D warnings' } });
  rmSync(join(out, 'crates'), { recursive: true, force: true });
  cpSync(join(root, 'target/doc'), join(out, 'crates'), { recursive: true });
}

await ifMain(import.meta.url, async () => {
  const { setup } = await import('./setup.mjs');
  await setup({ for: 'start' });
  const { buildPackage } = await import('./build.mjs');
  await step('Building the package', buildPackage);
  await step('Describing the entries of the package', npmReference);
  await step('Describing the crates', crateReference);
  console.log('target/reference/npm/index.html\ntarget/reference/crates/tidings/index.html');
});
