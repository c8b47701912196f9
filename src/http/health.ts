// For supervisors and load balancers: the process answers, and the database does.

import { ApiError } from '../errors.ts';
import type { ServingStore } from '../store/store.ts';
import { plainEndpoint } from './docs/plain-endpoint.ts';
import { plainRoutes } from './docs/plain-routes.ts';
import type { Endpoint } from './endpoint.ts';

export function healthEndpoints(store: ServingStore, isClosing: () => boolean): Endpoint[] {
  return [
    plainEndpoint(plainRoutes.live, () => ({ status: 200, body: '{"meta":{"status":"live"}}' })),
    plainEndpoint(plainRoutes.ready, async () => {
      if (isClosing()) throw new ApiError('service_unavailable');
      try {
        // Whatever costs least: one row by its key, or none.
        await store.read.secrets.find('readiness');
      } catch (cause) {
        throw new ApiError('service_unavailable', { headers: { 'Retry-After': '1' }, cause });
      }
      return { status: 200, body: '{"meta":{"status":"ready"}}' };
    }),
  ];
}
