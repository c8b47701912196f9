// Counts requests in the database server, for all instances that use it. Each key has one row. Its window begins with
// the first request after the previous window has ended. Only the server's clock is used, so instances agree.

import { type CompiledQuery, sql } from 'kysely';
import { countTogether, type KeyCount, orInMemory } from '../sql/count-together.ts';
import type { Engine } from '../sql/engine.ts';
import { maxAtOnce } from '../sql/place.ts';
import type { RequestCounter } from '../store.ts';

/** Read-only (standby), and disk full (postgresql.org/docs/current/errcodes-appendix.html). */
const noWrites = new Set<unknown>(['25006', '53100']);

/** @param sweepMs minimum time between deletions of old rows */
export function serverRequestCounter(engine: Engine, sweepMs = 60_000): RequestCounter {
  const { now } = engine;
  // If the clock was set back by more than a window, for example after a failover, a new window begins.
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
  // Rows that another process is counting in are not old: skip them instead of waiting.
  const sweeping = sql`
    delete from request_counts where key in (
      select key from request_counts where started_at < ${now} - 2 * window_ms
      for update skip locked
    )
  `.compile(engine.reader);
  let sweptAt = performance.now();

  // Keys are sorted, so all instances lock rows in the same order and cannot deadlock.
  const count = countTogether(async (asked) => {
    if (performance.now() - sweptAt >= sweepMs) {
      sweptAt = performance.now();
      // If it fails, the next deletion will do its work.
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
  }, maxAtOnce);
  return { count: orInMemory(count, ({ code }) => noWrites.has(code)), close() {} };
}
