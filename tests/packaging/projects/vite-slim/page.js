// The same app with the WASM in a file of its own.
import { createPush, environment, init } from 'tidings/slim';
import wasm from 'tidings/page.wasm?url';

const query = new URLSearchParams(location.search);
await init(wasm);
const push = createPush({ worker: query.get('worker'), server: null, applicationServerKey: query.get('key') });
const app = (window.app = { supported: environment().supported, shown: [] });
document.querySelector('#on').onclick = async () => {
  try {
    push.on('shown', ({ title }) => app.shown.push(title));
    app.subscription = (await push.subscribe()).toJSON();
  } catch (error) {
    app.failure = `${error.code}: ${error.cause}`;
  }
};
