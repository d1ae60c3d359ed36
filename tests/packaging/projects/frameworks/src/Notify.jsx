import { useState } from 'react';
import { usePush, usePushEvent } from 'tidings/react';
import { push } from './push.js';

export function Notify() {
  const { subscription } = usePush(push);
  const [last, setLast] = useState('');
  usePushEvent(push, 'shown', ({ title }) => setLast(title));
  return (
    <p>
      <button onClick={() => push.subscribe()}>Notify me</button> <output>{subscription}</output> <q>{last}</q>
    </p>
  );
}
