// Requests of one token in ten seconds; who counts them is the store's business.

import { ApiError } from '../errors.ts';
import { type RequestCounter, ratePeriodSeconds } from '../store/store.ts';

/**
 * No promise where the store counts without one.
 * @throws ApiError too_many_requests
 */
export type LimitRate = (tokenId: number) => Promise<void> | undefined;

/** @param limit 0 for none */
export function rateLimiter(limit: number, requestCounter: RequestCounter): LimitRate {
  if (limit === 0) return () => undefined;
  const refuseAfter = (waitSeconds: number): undefined => {
    if (waitSeconds > 0) throw tooManyRequests(limit, waitSeconds);
  };
  return (tokenId) => {
    const waitSeconds = requestCounter.count(tokenId, limit);
    return waitSeconds instanceof Promise ? waitSeconds.then(refuseAfter) : refuseAfter(waitSeconds);
  };
}

function tooManyRequests(limit: number, waitSeconds: number): ApiError {
  const seconds = String(waitSeconds);
  return new ApiError('too_many_requests', {
    detail: `You have exceeded the limit of ${limit} requests in ${ratePeriodSeconds} seconds`,
    meta: { limit, period: ratePeriodSeconds },
    headers: { 'X-RateLimit-Reset': seconds, 'Retry-After': seconds },
  });
}
