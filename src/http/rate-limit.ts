// Requests of one token in ten seconds, counted in fixed windows of a clock that never goes back.

import { ApiError } from '../errors.ts';

const periodSeconds = 10;

/** @param limit 0 for none */
export function rateLimiter(limit: number, monotonicMs: () => number): (tokenId: number) => void {
  let windowEnd = 0;
  let counts = new Map<number, number>();
  return (tokenId) => {
    if (limit === 0) return;
    const now = monotonicMs();
    if (now >= windowEnd) {
      counts = new Map();
      windowEnd = now + periodSeconds * 1000;
    }
    const count = (counts.get(tokenId) ?? 0) + 1;
    counts.set(tokenId, count);
    if (count > limit) {
      const seconds = String(Math.ceil((windowEnd - now) / 1000));
      throw new ApiError('too_many_requests', {
        detail: `You have exceeded the limit of ${limit} requests in ${periodSeconds} seconds`,
        meta: { limit, period: periodSeconds },
        headers: { 'X-RateLimit-Reset': seconds, 'Retry-After': seconds },
      });
    }
  };
}
