// npm start: builds everything and runs the demo. What comes after "--" goes to `tidings serve`, see its --help.

import { spawn } from 'node:child_process';
import { tidings } from './lib/paths.mjs';
import { ifMain, root, step } from './lib/run.mjs';
import { setup } from './setup.mjs';

await ifMain(import.meta.url, async () => {
  await setup({ for: 'start' });
  // Imported once its packages are installed.
  const { build } = await import('./build.mjs');
  await step('Building the package, the demo and the server (the first time takes some minutes)', build);
  const child = spawn(tidings, ['serve', '--demo-sessions', '--loopback-without-token', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  // Ctrl-C reaches the child by itself; it stops what it has started and ends, and so do we.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
  process.exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
});
