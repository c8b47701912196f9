// Requests counted by the database server, for all instances that it serves: a row for each key, whose window begins
// with the first request after the last one. The clock is the server's own, so instances agree.

import { type CompiledQuery, sql } from 'kysely';
import { countTogether, type KeyCount, orInMemory } from '../sql/count-together.ts';
import type { Engine } from '../sql/engine.ts';
import type { RequestCounter } from '../store.ts';

/** A standby, and a full disk (postgresql.org/docs/current/errcodes-appendix.html). */
const noWrites = new Set<unknown>(['25006', '53100']);

/** @param sweepMs how often rows of windows that are over are deleted, at the most */
export function serverRequestCounter(engine: Engine, sweepMs = 60_000): RequestCounter {
  const { now } = engine;
  // A clock that another server has set back by more than a window begins a new one.
  const same = sql`abs(excluded.started_at - known.started_at) < excluded.window_ms`;
  const counting = sql`
    insert into request_counts as known (key, started_at, window_ms, count)
    select asked.key, ${now}, asked.window_ms, asked.count
    from unnest(${[]}::bigint[], ${[]}::integer[], ${[]}::integer[]) as asked (key, window_ms, count)
    on conflict (key) do update set
      started_at = case when ${same} then known.started_at else excluded.started_at end,
      count = case when ${same} then known.count + excluded.count else excluded.count end
    returning key, count, started_at + window_ms - ${now} as left_ms
  `.compile(engine.reader);
  // What another process counts at the moment is no old row, and is not waited for.
  const sweeping = sql`
    delete from request_counts where key in (
      select key from request_counts where started_at < ${now} - 2 * window_ms
      for update skip locked
    )
  `.compile(engine.reader);
  let sweptAt = performance.now();

  // Rows are taken in the order of their keys, or two instances would wait for each other.
  const count = countTogether(async (asked) => {
    if (performance.now() - sweptAt >= sweepMs) {
      sweptAt = performance.now();
      // The next one takes what this one leaves.
      engine.query(sweeping as CompiledQuery<never>).catch(() => {});
    }
    return engine.query<KeyCount>({
      ...counting,
      parameters: [
        asked.map(({ key }) => key),
        asked.map(({ windowMs }) => windowMs),
        asked.map(({ requests }) => requests),
      ],
    } as CompiledQuery<never>);
  });
  return { count: orInMemory(count, ({ code }) => noWrites.has(code)), close() {} };
}
