// Requests counted in the memory of the one process that serves a database, in windows of a clock that never goes back.

import { type RequestCounter, ratePeriodSeconds } from './store.ts';

/** Keys of one window; above it the oldest is evicted. Tokens are fewer, addresses may be more. */
const maxKeys = 500_000;

interface Window {
  end: number;
  counts: Map<number, number>;
}

export function memoryRequestCounter(): RequestCounter {
  /** By their length: all keys of one length begin together. */
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
