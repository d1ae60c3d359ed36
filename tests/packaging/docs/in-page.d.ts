// What the examples in the documentation take for granted in a page: the app's own names.

declare const button: HTMLButtonElement;
declare const form: FormData;
declare const orderForm: HTMLFormElement;
declare const router: { go(url: string): void };
declare function render(...what: unknown[]): void;
declare function navigate(url: string): void;
declare function goto(url: string): void;
/** Made by an example before. */
declare const push: import('tidings').Push;
declare const outbox: import('tidings/outbox').Outbox;
declare const OneSignal: { init(options: object): void };
declare const policy: { createScriptURL(url: string): string };
declare const trustedTypes: { createPolicy(name: string, rules: object): unknown };

declare module '*?url' {
  const url: string;
  export default url;
}

/** What wasm-bindgen makes of a page in Rust. */
declare module '*/page.js' {
  export default function init(): Promise<unknown>;
}
