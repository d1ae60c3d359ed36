import { Client } from '@pusher/push-notifications-web';

let client;
// The registration is the page's own, as its documentation has it for a site that has a worker already.
export async function state({ scope, worker }) {
  const serviceWorkerRegistration = await navigator.serviceWorker.register(worker, { scope });
  client = new Client({ instanceId: 'bench', serviceWorkerRegistration, endpointOverride: `${location.origin}/beams` });
  return client.getRegistrationState();
}
export const subscribe = () => client.start();
