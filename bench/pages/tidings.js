import { createPush } from 'tidings';

let push;
export async function state({ scope, worker }) {
  push = createPush({ worker, scope, server: '/api/v1' });
  return JSON.stringify(await push.refresh());
}
export const subscribe = () => push.subscribe();
