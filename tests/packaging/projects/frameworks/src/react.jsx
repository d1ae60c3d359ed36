import './watched.js';
import { StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { Notify } from './Notify.jsx';
import { push } from './push.js';

// A slow page: everything is known already when the server's markup is taken over.
await push.refresh();
const root = hydrateRoot(
  document.querySelector('#root'),
  <StrictMode>
    <Notify />
  </StrictMode>,
  { onRecoverableError: (error) => app.errors.push(String(error)) },
);
app.unmount = () => root.unmount();
