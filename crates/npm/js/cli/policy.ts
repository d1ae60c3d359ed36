// Content-Security-Policy, as far as it matters to a push.

import { type Answer, tags } from './site';

/** One policy: its directives by name. */
export type Policy = Map<string, string[]>;

/** The policies that hold for an answer, from its headers and, in a page, its meta tags. All of them hold at once. */
export function policiesOf({ headers, text }: Answer): Policy[] {
  const metas = tags(text, 'meta').filter((meta) => meta['http-equiv']?.toLowerCase() === 'content-security-policy');
  const all = [headers.get('content-security-policy') ?? '', ...metas.map(({ content }) => content ?? '')];
  return all.flatMap((list) => list.split(',')).filter((text) => text.trim()).map(parse);
}

function parse(text: string): Policy {
  const policy: Policy = new Map();
  for (const directive of text.split(';')) {
    const [name, ...values] = directive.trim().split(/\s+/);
    // Of two with the same name the first counts.
    if (name && !policy.has(name.toLowerCase())) policy.set(name.toLowerCase(), values);
  }
  return policy;
}

/** The first of the directives that there is. */
const sources = (policy: Policy, ...names: string[]) => names.map((name) => policy.get(name)).find((values) => values);

export const allowsWasm = (policies: Policy[]) =>
  policies.every((policy) => {
    const values = sources(policy, 'script-src', 'default-src');
    return !values || values.some((value) => /^'(wasm-)?unsafe-eval'$/i.test(value));
  });

/** Whether a worker of the own origin may be registered; a source that names a host gets the benefit of the doubt. */
export const allowsWorker = (policies: Policy[]) =>
  policies.every((policy) => {
    const values = sources(policy, 'worker-src', 'child-src', 'script-src', 'default-src');
    return !values || values.some((value) => value.toLowerCase() === "'self'" || !value.startsWith("'"));
  });
