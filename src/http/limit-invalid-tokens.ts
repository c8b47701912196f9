// Limits the invalid tokens that come from one address. Only they are counted: valid tokens from the same address cost
// nothing more, and are never refused.

import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import { presentsToken } from './authenticate.ts';
import type { Endpoint } from './endpoint.ts';
import type { LimitRate } from './rate-limit.ts';

/** @param limit throws too_many_requests, which is then the answer instead of 401 */
export function limitingInvalidTokens(
  admit: Endpoint['admit'],
  limit: LimitRate<FastifyRequest>,
): Endpoint['admit'] {
  async function refuse(request: FastifyRequest, error: unknown): Promise<never> {
    const isInvalid = error instanceof ApiError && error.code === 'invalid_auth_token';
    if (isInvalid && presentsToken(request)) await limit(request);
    throw error;
  }
  return (request) => {
    try {
      return admit(request)?.catch((error) => refuse(request, error));
    } catch (error) {
      return refuse(request, error);
    }
  };
}
