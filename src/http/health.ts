// For supervisors and load balancers: the process answers, and the database does.

import type { FastifyInstance } from 'fastify';
import { ApiError } from '../errors.ts';
import { users } from '../resources/users/users.ts';
import type { ServingStore } from '../store/store.ts';
import { plainRoutes } from './docs/plain-routes.ts';
import { respond } from './respond.ts';

export function healthRoutes(app: FastifyInstance, store: ServingStore, isClosing: () => boolean): void {
  app.get(plainRoutes.live.path, async (_request, reply) =>
    respond(reply, { status: 200, body: '{"meta":{"status":"live"}}' }),
  );
  app.get(plainRoutes.ready.path, async (_request, reply) => {
    if (isClosing()) throw new ApiError('service_unavailable');
    try {
      await store.read.records(users).state();
    } catch (cause) {
      throw new ApiError('service_unavailable', { headers: { 'Retry-After': '1' }, cause });
    }
    return respond(reply, { status: 200, body: '{"meta":{"status":"ready"}}' });
  });
}
