// A transaction that takes long ends its turn of the event loop now and then, so that the reads of other requests go on.
// They see the state before it, on their own connection. Other writes wait for its end.

import { setImmediate } from 'node:timers/promises';
import type { Awaitable } from '../../model/awaitable.ts';

export interface Turns {
  /** A turn begins now. */
  begin(): void;
  /** Called after each statement. @returns the value, in a later turn if this one has taken long enough */
  after<T>(value: T): Awaitable<T>;
}

/** Much longer than most transactions, so that these still run in one turn. */
const longestTurnMs = 5;

export function turns(now: () => number = () => performance.now()): Turns {
  let startedAt = now();
  const begin = () => {
    startedAt = now();
  };
  const later = async <T>(value: T): Promise<T> => {
    await setImmediate();
    begin();
    return value;
  };
  return { begin, after: (value) => (now() - startedAt < longestTurnMs ? value : later(value)) };
}
