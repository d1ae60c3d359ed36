// Asking a site, as a browser would.

/** An answer, or why there is none. */
export interface Answer {
  /** Where it came from in the end. */
  url: URL;
  status: number;
  headers: Headers;
  text: string;
  failure?: string;
}

export async function get(url: URL, headers: Record<string, string> = {}): Promise<Answer> {
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(15_000) });
    return { url: new URL(answer.url), status: answer.status, headers: answer.headers, text: await answer.text() };
  } catch (error) {
    const cause = ((error as Error).cause ?? error) as Error & { code?: string };
    return { url, status: 0, headers: new Headers(), text: '', failure: cause.message || cause.code || String(cause) };
  }
}

/** The attributes of all tags with that name. Good enough for a page's head; no parser. */
export function tags(html: string, name: string): Record<string, string>[] {
  const all = html.replace(/<!--.*?-->/gs, '').matchAll(new RegExp(`<${name}\\b([^>]*)>`, 'gi'));
  return [...all].map(([, attributes = '']) =>
    Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)].map(([, key = '', a, b, c]) => [key.toLowerCase(), a ?? b ?? c ?? '']),
    ),
  );
}
