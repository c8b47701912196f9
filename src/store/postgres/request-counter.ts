// Requests counted by the database server, for all instances that it serves: a row for each token, whose window begins
// with the first request after the last one. The clock is the server's own, so instances agree.

import { type CompiledQuery, sql } from 'kysely';
import { countTogether, orInMemory, type TokenCount } from '../sql/count-together.ts';
import type { Engine } from '../sql/engine.ts';
import { type RequestCounter, ratePeriodSeconds } from '../store.ts';

const periodMs = ratePeriodSeconds * 1000;

/** A standby, and a full disk (postgresql.org/docs/current/errcodes-appendix.html). */
const noWrites = new Set<unknown>(['25006', '53100']);

/** @param sweepMs how often rows of windows that are over are deleted, at the most */
export function serverRequestCounter(engine: Engine, sweepMs = 60_000): RequestCounter {
  const now = sql`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`;
  // A clock that another server has set back by more than a period begins a new window.
  const same = sql`abs(excluded.started_at - known.started_at) < ${sql.lit(periodMs)}`;
  const counting = sql`
    insert into request_rates as known (token_id, started_at, count)
    select asked.token_id, ${now}, asked.count
    from unnest(${[]}::bigint[], ${[]}::integer[]) as asked (token_id, count)
    on conflict (token_id) do update set
      started_at = case when ${same} then known.started_at else excluded.started_at end,
      count = case when ${same} then known.count + excluded.count else excluded.count end
    returning token_id, count, started_at + ${sql.lit(periodMs)} - ${now} as left_ms
  `.compile(engine.reader);
  // What another process counts at the moment is no old row, and is not waited for.
  const sweeping = sql`
    delete from request_rates where token_id in (
      select token_id from request_rates where started_at < ${now} - ${sql.lit(2 * periodMs)}
      for update skip locked
    )
  `.compile(engine.reader);
  let sweptAt = performance.now();

  // Rows are taken in the order of their ids, or two instances would wait for each other.
  const count = countTogether(async (asked) => {
    if (performance.now() - sweptAt >= sweepMs) {
      sweptAt = performance.now();
      // The next one takes what this one leaves.
      engine.query(sweeping as CompiledQuery<never>).catch(() => {});
    }
    return engine.query<TokenCount>({
      ...counting,
      parameters: [asked.map(({ tokenId }) => tokenId), asked.map(({ requests }) => requests)],
    } as CompiledQuery<never>);
  });
  return { count: orInMemory(count, ({ code }) => noWrites.has(code)), close() {} };
}
