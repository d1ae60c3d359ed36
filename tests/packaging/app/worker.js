// The worker for those who bundle their own.
import { listen } from 'tidings/worker';

listen({ accepts: 'all', title: 'packaging' });
