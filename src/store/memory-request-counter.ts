// Counts requests in the memory of one process. The windows use a monotonic clock.

import { type RequestCounter, ratePeriodSeconds } from './store.ts';

/** Keys kept for one window length. Above it the oldest key is evicted: attackers may have many addresses. */
const maxKeys = 500_000;

interface Window {
  end: number;
  counts: Map<number, number>;
}

export function memoryRequestCounter(): RequestCounter {
  /** By window length. All keys with the same length share one window. */
  const windows = new Map<number, Window>();
  return {
    count(key, limit, windowSeconds = ratePeriodSeconds) {
      const now = performance.now();
      let window = windows.get(windowSeconds);
      if (window === undefined || now >= window.end) {
        window = { end: now + windowSeconds * 1000, counts: new Map() };
        windows.set(windowSeconds, window);
      }
      const { counts, end } = window;
      const known = counts.get(key);
      if (known === undefined && counts.size >= maxKeys) counts.delete(counts.keys().next().value!);
      const count = (known ?? 0) + 1;
      counts.set(key, count);
      return count > limit ? Math.ceil((end - now) / 1000) : 0;
    },
    close() {},
  };
}
