// What every project builds: the smallest app. Its address says which worker and which key, its policy allows no inline script.
import { createPush, environment } from 'tidings';

const query = new URLSearchParams(location.search);
// Where Trusted Types are enforced, the app says by its own policy that the worker's address is its own: the default policy
// for plain texts, or one that it asks itself.
const typed = query.has('typed');
const policy = globalThis.trustedTypes?.createPolicy(typed ? 'app' : 'default', {
  createScriptURL: (url) => (new URL(url, location.href).origin === location.origin ? url : null),
});
const worker = typed ? policy.createScriptURL(query.get('worker')) : query.get('worker');
const push = createPush({ worker, server: null, applicationServerKey: query.get('key') });
const app = (window.app = { supported: environment().supported, shown: [] });
document.querySelector('#on').onclick = async () => {
  try {
    push.on('shown', ({ title }) => app.shown.push(title));
    app.subscription = (await push.subscribe()).toJSON();
  } catch (error) {
    app.failure = `${error.code}: ${error.cause}`;
  }
};
