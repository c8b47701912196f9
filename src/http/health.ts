// Health checks for supervisors and load balancers: one for the process, one for the database.

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
        // The cheapest query: one row by its primary key. The row does not have to exist.
        await store.read.secrets.find('readiness');
      } catch (cause) {
        throw new ApiError('service_unavailable', { cause });
      }
      return { status: 200, body: '{"meta":{"status":"ready"}}' };
    }),
  ];
}
