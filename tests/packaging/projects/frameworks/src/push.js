// The one object that all components share.
import { createPush } from 'tidings';

const query = new URLSearchParams(location.search);

export const push = createPush({ worker: '/copied.js', server: null, applicationServerKey: query.get('key') });
