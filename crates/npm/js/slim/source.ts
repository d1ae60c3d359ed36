// Stands in for `#module` in `tidings/slim`: the module that `init` has loaded, in place of inlined bytes.

let loaded: WebAssembly.Module | undefined;

/** Takes the module for the first call that needs it. */
export function keep(module: WebAssembly.Module): void {
  loaded = module;
}

export default function module(): WebAssembly.Module {
  if (!loaded) throw new Error('tidings/slim: wait for init(source) first');
  return loaded;
}
