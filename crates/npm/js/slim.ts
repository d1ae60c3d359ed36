// `tidings/slim`: the page entry for those who load the WASM themselves.

import { PushError } from './index';
import { keep } from './slim/source';

export * from './index';

/** Where the WASM is: its URL, a response, its bytes, the compiled module, or a promise of any of them. */
export type WasmSource = string | URL | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the WASM, `tidings/page.wasm`. Everything else in this entry needs it: wait for it before the first call, and
 * before `createPush`, since a prompt must follow the click at once.
 *
 * @example
 * import { createPush, init } from 'tidings/slim';
 * import wasm from 'tidings/page.wasm?url'; // Vite; others: new URL('…/page.wasm', import.meta.url)
 * await init(wasm);
 *
 * @throws {PushError} `wasm-unavailable`
 */
export async function init(source: WasmSource | PromiseLike<WasmSource>): Promise<void> {
  try {
    let given = await source;
    if (typeof given === 'string' || given instanceof URL) given = await fetch(given);
    if (given instanceof Response) {
      if (!given.ok) throw new Error(`${given.url}: HTTP status ${given.status}`);
      // Not compileStreaming: it wants the type application/wasm, which not every server knows.
      given = await given.arrayBuffer();
    }
    keep(given instanceof WebAssembly.Module ? given : await WebAssembly.compile(given));
  } catch (cause) {
    throw new PushError('wasm-unavailable', cause);
  }
}
