// As Firebase's documentation has it, with the npm package bundled in place of two scripts from another server.
import { initializeApp } from '@firebase/app';
import { getMessaging } from '@firebase/messaging/sw';

getMessaging(initializeApp({ apiKey: 'key', projectId: 'project', messagingSenderId: '1', appId: '1:1:web:1' }));
