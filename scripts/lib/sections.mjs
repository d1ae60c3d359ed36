// The sections of a WASM module (Core Specification, "Binary Format", "Modules").

const DATA = 11;

/** Reads numbers of LEB128 from `wasm`, from `at` on. */
function reader(/** @type {Uint8Array} */ wasm, at = 0) {
  const number = (signed = false) => {
    let value = 0;
    let shift = 0;
    let byte;
    do {
      byte = wasm[at++];
      value |= (byte & 127) << shift;
      shift += 7;
    } while (byte > 127);
    return signed && byte & 64 && shift < 32 ? value | (-1 << shift) : value;
  };
  return { byte: () => wasm[at++], number, at: () => at, go: (/** @type {number} */ to) => (at = to) };
}

/** All of them, in their order: number, place and size of what is in it. */
export function sections(/** @type {Uint8Array} */ wasm) {
  const found = [];
  const { byte, number, at, go } = reader(wasm, 8);
  while (at() < wasm.length) {
    const [id, size] = [byte(), number()];
    found.push({ id, start: at(), size });
    go(at() + size);
  }
  return found;
}

/**
 * How far the constants of a module stand from where they are in its memory: the place of the first data segment in the
 * module, less its address. Throws if another segment has text, which would stand elsewhere.
 */
export function shiftOfText(/** @type {Uint8Array} */ wasm) {
  const { start } = sections(wasm).find(({ id }) => id === DATA) ?? {};
  if (start === undefined) throw new Error('the module has no data');
  const { byte, number, at, go } = reader(wasm, start);
  let shift;
  for (let left = number(); left > 0; left--) {
    if (byte() !== 0 || byte() !== 0x41) throw new Error('a data segment without a constant address');
    const address = number(true);
    if (byte() !== 0x0b) throw new Error('the address of a data segment is no constant');
    const size = number();
    if (shift !== undefined && /[A-Za-z]{3}/.test(Buffer.from(wasm.subarray(at(), at() + size)).toString('latin1'))) {
      throw new Error('the text of the module is in more than one data segment');
    }
    shift ??= at() - address;
    go(at() + size);
  }
  return shift;
}
