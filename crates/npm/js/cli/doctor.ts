// `npx tidings doctor`: what a browser would find at a deployed site.

import { coordinates } from '../testing/vapid';
import { type Say, Usage } from './failure';
import { allowsWasm, allowsWorker, policiesOf } from './policy';
import { type Answer, get, tags } from './site';

interface Options {
  worker?: string;
  server?: string;
  key?: string;
  json?: boolean;
}

/** `bad` breaks push; `note` is for some browsers, or may be meant so. */
interface Finding {
  state: 'good' | 'bad' | 'note';
  what: string;
  remedy?: string;
}

const MARK = { good: '✓', bad: '✗', note: '!' };

export async function doctor([given]: string[], options: Options, say: Say): Promise<number> {
  if (given === undefined) throw new Usage('which site? npx tidings doctor https://your.site');
  const url = URL.parse?.(given) ?? (URL.canParse(given) ? new URL(given) : null);
  if (!url || !/^https?:$/.test(url.protocol)) throw new Usage(`“${given}” is no http or https URL`);

  const findings: Finding[] = [];
  const add = (state: Finding['state'], what: string, remedy?: string) => void findings.push({ state, what, ...(remedy && { remedy }) });
  await examine(url, options, add);

  const bad = findings.filter(({ state }) => state === 'bad').length;
  if (options.json) {
    say(JSON.stringify({ url: url.href, ok: bad === 0, findings }, null, 2));
  } else {
    for (const { state, what, remedy } of findings) say(`${MARK[state]} ${what}${remedy ? `\n    ${remedy}` : ''}`);
    say(bad === 0 ? '\nA push can arrive here.' : `\n${bad} to mend before a push can arrive.`);
  }
  return bad === 0 ? 0 : 1;
}

type Add = (state: Finding['state'], what: string, remedy?: string) => void;

async function examine(url: URL, options: Options, add: Add): Promise<void> {
  const local = /^(localhost|127\.0\.0\.1|\[::1\])$|\.localhost$/.test(url.hostname);
  if (url.protocol === 'https:') add('good', 'https');
  else if (local) add('good', 'http, on this machine: fine for development');
  else add('bad', 'http: browsers have push on https and localhost only', 'Serve the site over https.');

  const page = await get(url);
  if (page.failure) return add('bad', `The page does not answer: ${page.failure}`, 'Check the address, and the certificate.');
  if (page.status !== 200) add('bad', `The page answers with status ${page.status}`);
  checkPagePolicy(page, add);
  await checkWorker(page, options.worker ?? '/worker.js', add);
  await checkManifest(page, add);
  await checkKey(page, options, add);
}

function checkPagePolicy(page: Answer, add: Add): void {
  const policies = policiesOf(page);
  if (!allowsWasm(policies)) {
    add('bad', "The page's Content-Security-Policy blocks WebAssembly", "Add 'wasm-unsafe-eval' to script-src.");
  } else if (policies.length > 0) add('good', "The page's Content-Security-Policy allows WebAssembly");
  if (!allowsWorker(policies)) add('bad', "The page's Content-Security-Policy blocks the service worker", "Add 'self' to worker-src.");
  if (policies.some((policy) => policy.has('require-trusted-types-for'))) {
    add('note', 'Trusted Types are enforced', 'Registering a worker needs a policy named default with createScriptURL, see docs/install.md.');
  }
}

async function checkWorker(page: Answer, path: string, add: Add): Promise<void> {
  const url = new URL(path, page.url);
  if (url.origin !== page.url.origin) return add('bad', `The worker ${url.href} is on another origin`, 'Browsers take workers of the own origin only.');
  const script = await get(url, { 'service-worker': 'script' });
  const copy = 'Copy node_modules/tidings/dist/worker.js there: npx tidings init. For another path: --worker';
  if (script.failure) return add('bad', `${url.pathname} does not answer: ${script.failure}`);
  if (script.url.href !== url.href) return add('bad', `${url.pathname} is redirected to ${script.url.href}`, 'Browsers follow no redirect for a worker: serve it there itself.');
  if (script.status !== 200) return add('bad', `${url.pathname} answers with status ${script.status}`, copy);
  const type = script.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (/^\s*</.test(script.text)) return add('bad', `${url.pathname} is a web page: the fallback of a single-page app, most likely`, copy);
  if (!/^(text|application)\/(x-)?(java|ecma)script$/.test(type)) {
    return add('bad', `${url.pathname} is served as “${type}”`, 'Serve it as text/javascript; browsers take no other type for a worker.');
  }
  add('good', `${url.pathname} is served, as ${type}`);

  const scope = new URL(script.headers.get('service-worker-allowed') ?? './', url).pathname;
  if (page.url.pathname.startsWith(scope)) add('good', `Its scope may be ${scope}, and the page is in it`);
  else add('bad', `Its scope is ${scope}, and the page ${page.url.pathname} is outside`, 'Put it into a folder above the page, or serve it with the header Service-Worker-Allowed: /');

  // A worker's policy is that of its own answer, not the page's.
  if (!allowsWasm(policiesOf({ ...script, text: '' }))) {
    add('bad', "The worker's own Content-Security-Policy blocks WebAssembly: pushes are shown plainly, without your hooks", `Add 'wasm-unsafe-eval' to script-src in the answer for ${url.pathname}.`);
  } else add('good', 'WebAssembly is allowed in it');
  if (!script.text.includes('tidings')) add('note', 'It does not look like Tidings', 'It may load it by importScripts; otherwise: npx tidings init');
}

async function checkManifest(page: Answer, add: Add): Promise<void> {
  const ios = 'On iOS push needs an app on the Home Screen:';
  const link = tags(page.text, 'link').find(({ rel }) => rel?.split(/\s+/).includes('manifest'));
  if (!link?.href) return add('note', `${ios} the page has no manifest`, '<link rel="manifest" href="/manifest.webmanifest">');
  const manifest = await get(new URL(link.href, page.url));
  let content: any;
  try {
    content = JSON.parse(manifest.text);
  } catch {
    return add('note', `${ios} the manifest ${link.href} is not there, or is no JSON`);
  }
  if (!['standalone', 'fullscreen'].includes(content.display)) return add('note', `${ios} the manifest's display is ${content.display ?? 'missing'}`, 'Make it "standalone".');
  if (!content.icons?.length) return add('note', `${ios} the manifest has no icons`);
  add('good', 'The manifest lets iOS put it on the Home Screen');
}

async function checkKey(page: Answer, { server, key }: Options, add: Add): Promise<void> {
  let given = key;
  let from = '--key';
  if (given === undefined) {
    const url = new URL(`${(server ?? '/api/v1').replace(/\/$/, '')}/key`, page.url);
    const answer = await get(url);
    from = url.pathname;
    try {
      given = JSON.parse(answer.text).publicKey;
    } catch {
      const what = answer.failure ?? `status ${answer.status}`;
      // Not asked for: the app may well have its key elsewhere.
      if (server === undefined) return add('note', `No key at ${from} (${what})`, 'If your pages have the applicationServerKey themselves, give it with --key; if your API is elsewhere, with --server.');
      return add('bad', `No key at ${from} (${what})`, 'It should answer {"publicKey": "…"}, as `tidings serve` does.');
    }
  }
  try {
    coordinates(String(given));
    add('good', `The key of ${from} is one that browsers take`);
  } catch (error) {
    add('bad', `The key of ${from} is none that browsers take: ${(error as Error).message}`, 'Make a pair with: npx tidings keys');
  }
}
