// The glue of the page's module; see ../ambient.d.ts. The decisions are those of `Head`.

declare module '#glue' {
  export function initSync(source: { module: Uint8Array }): unknown;
  export function next(goal: number, facts: number): number;
  export function mayFail(step: number): boolean;
  export function subscription(facts: number): number;
  export function failure(step: number, name: string, status: number, permission: number): number;
  export function refusal(permission: number, asked: boolean, milliseconds: number, unseen: boolean): number;
  export function obstacle(userAgent: string, facts: number): number;
  export function needsGesture(userAgent: string): boolean;
  export function label(userAgent: string, touch: boolean): string;
  export function isKey(key: string): boolean;
  export function isSameKey(key: string, bytes: Uint8Array): boolean;
  export function uploadWait(failures: number, retryAfter: number, random: number): number;
  export function primingWait(dismissals: number): number;
}
