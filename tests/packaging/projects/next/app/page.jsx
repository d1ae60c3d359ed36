'use client';
// The server renders this too: importing the package there, and asking for the environment, is safe.
import { useEffect, useState } from 'react';
import { createPush, environment } from 'tidings';

const onServer = environment().supported;

export default function Page() {
  const [push, setPush] = useState();
  useEffect(() => {
    const query = new URLSearchParams(location.search);
    const made = createPush({ worker: query.get('worker'), server: null, applicationServerKey: query.get('key') });
    window.app = { supported: environment().supported, onServer, shown: [] };
    setPush(made);
    return made.on('shown', ({ title }) => window.app.shown.push(title));
  }, []);
  const on = () => push.subscribe().then(
    (subscription) => { window.app.subscription = subscription.toJSON(); },
    (error) => { window.app.failure = `${error.code}: ${error.cause}`; },
  );
  return push ? <button id="on" onClick={on}>on</button> : <p>server</p>;
}
