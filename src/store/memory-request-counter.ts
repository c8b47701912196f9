// Requests counted in the memory of the one process that serves a database, in windows of a clock that never goes back.

import { type RequestCounter, ratePeriodSeconds } from './store.ts';

export function memoryRequestCounter(): RequestCounter {
  let windowEnd = 0;
  let counts = new Map<number, number>();
  return {
    count(tokenId, limit) {
      const now = performance.now();
      if (now >= windowEnd) {
        counts = new Map();
        windowEnd = now + ratePeriodSeconds * 1000;
      }
      const count = (counts.get(tokenId) ?? 0) + 1;
      counts.set(tokenId, count);
      return count > limit ? Math.ceil((windowEnd - now) / 1000) : 0;
    },
    close() {},
  };
}
