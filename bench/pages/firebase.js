import { initializeApp } from '@firebase/app';
import { getMessaging, isSupported } from '@firebase/messaging';

// It does not say whether it is subscribed: whether it could be is all there is to know.
export async function state() {
  getMessaging(initializeApp({ apiKey: 'key', projectId: 'project', messagingSenderId: '1', appId: '1:1:web:1' }));
  return String(await isSupported());
}
