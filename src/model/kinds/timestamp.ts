// Times, stored as milliseconds since 1970. A date in a filter means the whole day in the server's time zone.

import { type Kind, ordering, refused } from '../kind.ts';
import { isWritable, readTimestamp } from '../timestamp.ts';

export const timestamp: Kind<number> = {
  name: 'time',
  column: 'integer',
  operators: ordering,
  check(value, zone) {
    const interval = typeof value === 'string' ? readTimestamp(value, zone) : undefined;
    return interval && isWritable(interval.from) ? { value: interval.from } : refused('is not a time');
  },
  readFilter(text, zone) {
    const interval = readTimestamp(text, zone);
    if (interval === undefined) return undefined;
    return interval.day ? { interval } : { exact: interval.from };
  },
  write: (stored, zone) => `"${zone.format(stored)}"`,
  schema: { type: 'string', format: 'date-time', examples: ['2026-03-17T04:04:00.843+00:00'] },
};
