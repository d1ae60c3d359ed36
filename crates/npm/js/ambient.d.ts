// What scripts/build.mjs puts in place of these imports: the glue of wasm-bindgen, the bytes of the module, their decoder.

declare module '#glue' {
  export function initSync(source: { module: Uint8Array }): unknown;
  export function plan(payload: unknown, isText: boolean, all: boolean, options: unknown, scope: string, now: number): any;
  export function finish(plan: unknown, change: unknown, scope: string, maxActions: number): any;
  export function click(data: unknown, action: string, scope: string, origins: unknown): any;
  export function choose(policy: string, url: string, scope: string, windows: string[]): number | undefined;
  export function turn(entry: unknown, lane: string | undefined, now: number, eager: number): number;
  export function judge(entry: unknown, status: number, seconds: number, date: number, now: number, random: number): any;
}

declare module '#wasm' {
  /** The bytes of the module. */
  export default function module(): Uint8Array;
}

declare module '#decode' {
  /** The bytes of a string with one character for each. */
  export default function decode(text: string): Uint8Array<ArrayBuffer>;
}
