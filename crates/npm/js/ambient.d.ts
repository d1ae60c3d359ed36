// What scripts/build.mjs puts in place of the two imports: the glue of wasm-bindgen and the bytes of the module.

declare module '#glue' {
  export function initSync(source: { module: Uint8Array }): unknown;
  export function push(event: unknown): Promise<unknown>;
  export function click(event: unknown): Promise<unknown>;
  export function support(): any;
  export function permission(): any;
  export function run(call: number, options: unknown): Promise<any>;
  export function listen(callback: (message: any) => void): void;
}

declare module '#wasm' {
  /** The bytes of the module. */
  export default function module(): Uint8Array;
}
