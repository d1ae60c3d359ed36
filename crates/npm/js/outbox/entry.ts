// What an entry of the outbox is, and how a request or a job becomes one. Page and worker share it.

/** Why an entry could not be taken: `code` never changes, `cause` is the browser's own error. */
export class OutboxError extends Error {
  override name = 'OutboxError';

  /**
   * @param code `full`: a limit of the outbox is reached; `quota`: the browser gives no more room; `invalid`: it cannot
   * be stored or is no request; `unsupported`: this browser has no such thing; `denied`: the browser, or the person, said no
   */
  constructor(readonly code: 'full' | 'quota' | 'invalid' | 'unsupported' | 'denied' | 'unknown', message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** How an entry is sent. */
export interface EntryOptions {
  /** The name of its queue; default `default`. */
  queue?: string;
  /** The entries of this queue are sent one by one, in their order; default: several at once, in any order. */
  strict?: boolean;
  /** Which of the waiting entries go first. */
  priority?: 'high' | 'auto' | 'low';
  /** How long it is worth sending, in milliseconds; default seven days. Then it is set aside. */
  lifetime?: number;
  /** How often it is tried before it is set aside; default: as long as it lives. */
  attempts?: number;
  /** How long one attempt may take, in milliseconds; default 30 000. */
  timeout?: number;
  /** Not before that many milliseconds. */
  delay?: number;
}

/** Work for the worker's `onJob`: anything that structured cloning takes. */
export interface Job extends EntryOptions {
  type: string;
  data?: unknown;
}

/** What is kept of an answer. */
export interface OutboxResponse {
  /** 0: there was none. */
  readonly status: number;
  readonly headers: [string, string][];
  readonly body: string;
}

/** An entry as it is stored, under `p` + id while it waits, under `f` + id once it is set aside. */
export interface OutboxEntry {
  /** Also its `Idempotency-Key`. Ids sort by priority and time. */
  readonly id: string;
  readonly queue: string;
  readonly strict: boolean;
  /** When it was added, in milliseconds since 1970; the other times, too. */
  readonly at: number;
  readonly expires: number;
  /** How often it was tried in vain. */
  readonly attempts: number;
  readonly limit?: number;
  readonly timeout?: number;
  /** When it is tried again. */
  readonly next?: number;
  /** When it was last tried; if that is still to come, the clock was put back. */
  readonly tried?: number;
  /** Why not sooner: 0 nobody answered, 1 the back-off after an answer, 2 the server or the app asked for it. */
  readonly hold?: 0 | 1 | 2;
  /** Bytes, about. */
  readonly size: number;
  readonly request?: StoredRequest;
  readonly job?: { type: string; data?: unknown };
  /** Why it was set aside. */
  readonly reason?: 'refused' | 'attempts' | 'expired';
  /** The last answer that was no success. */
  readonly response?: OutboxResponse;
}

export interface StoredRequest extends Omit<RequestInit, 'headers' | 'body'> {
  readonly url: string;
  readonly headers: [string, string][];
  readonly body?: ArrayBuffer | string;
}

const WEEK = 7 * 24 * 3600 * 1000;
/** What is kept of a request besides headers and body. */
const MEMBERS = ['url', 'method', 'mode', 'credentials', 'cache', 'redirect', 'referrerPolicy', 'integrity'] as const;
const RANK = { high: 0, auto: 1, low: 2 };

let last = 0;

/** A place in the order: of two in the same millisecond the second sorts after the first. */
const take = () => (last = Math.max(Date.now() * 1000, last + 1));

/** A request, read once and whole: any kind of body. */
export async function ofRequest(input: RequestInfo | URL, init: RequestInit & EntryOptions = {}): Promise<OutboxEntry> {
  // Before the body is read: the order is that of the calls.
  const place = take();
  try {
    // Not every browser sends streams, but every one reads them.
    const body = init.body instanceof ReadableStream ? await new Response(init.body).arrayBuffer() : init.body;
    const request = new Request(input, { ...init, body });
    const stored: any = { headers: [...(request.headers as any)] };
    for (const name of MEMBERS) stored[name] = request[name];
    // A navigation cannot be made again as one.
    if (stored.mode === 'navigate') stored.mode = 'same-origin';
    const bytes = await request.arrayBuffer();
    if (bytes.byteLength) stored.body = bytes;
    return entry(init, place, bytes.byteLength + JSON.stringify(stored).length, { request: stored });
  } catch (cause) {
    throw new OutboxError('invalid', 'not a request', cause);
  }
}

/** A job of the app. */
export function ofJob(job: Job): OutboxEntry {
  const { type, data } = job;
  let size = 0;
  try {
    size = JSON.stringify(data)?.length ?? 0;
  } catch {
    // Not all that can be stored is JSON.
  }
  return entry(job, take(), size, { job: { type, data } });
}

function entry(options: EntryOptions, place: number, size: number, what: Partial<OutboxEntry>): OutboxEntry {
  const { queue = 'default', strict = false, priority = 'auto', lifetime = WEEK, attempts, timeout, delay } = options;
  const at = Date.now();
  return {
    id: `${RANK[priority] ?? 1}${place}-${crypto.randomUUID()}`,
    queue, strict, at, expires: at + lifetime, attempts: 0, size,
    ...(attempts && { limit: attempts }),
    ...(timeout && { timeout }),
    ...(delay && { next: at + delay, hold: 2 }),
    ...what,
  };
}
