// Requests counted by the database server, for all instances that it serves: a row for each token, whose window begins
// with the first request after the last one. The clock is the server's own, so instances agree.

import { type CompiledQuery, sql } from 'kysely';
import { type Rates, ratePeriodSeconds } from '../store.ts';
import type { Engine } from './engine.ts';

const periodMs = ratePeriodSeconds * 1000;
const sweepMs = 60_000;

interface Question {
  readonly limit: number;
  answer(waitSeconds: number): void;
  fail(error: unknown): void;
}

interface CountRow {
  readonly token_id: number;
  readonly count: number;
  readonly left_ms: number;
}

/**
 * One statement is under way at a time, and counts all that asked while the one before it ran: a busy token has one row,
 * and statements that wait for a row hold connections.
 */
export function serverRates(engine: Engine): Rates {
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
  let waiting = new Map<number, Question[]>();
  let counts = false;
  let sweptAt = performance.now();

  async function countWaiting(): Promise<void> {
    // Rows are taken in one order, or two instances would wait for each other.
    const asked = [...waiting].sort(([one], [other]) => one - other);
    waiting = new Map();
    try {
      const rows = await engine.query<CountRow>({
        ...counting,
        parameters: [asked.map(([tokenId]) => tokenId), asked.map(([, questions]) => questions.length)],
      } as CompiledQuery<never>);
      const found = new Map(rows.map((row) => [row.token_id, row]));
      for (const [tokenId, questions] of asked) {
        const { count, left_ms } = found.get(tokenId)!;
        const waitSeconds = Math.min(Math.max(Math.ceil(left_ms / 1000), 1), ratePeriodSeconds);
        const before = count - questions.length;
        questions.forEach(({ limit, answer }, i) => {
          answer(before + i + 1 > limit ? waitSeconds : 0);
        });
      }
    } catch (error) {
      for (const [, questions] of asked) for (const { fail } of questions) fail(error);
    }
  }

  async function drain(): Promise<void> {
    while (waiting.size > 0) await countWaiting();
    counts = false;
    if (performance.now() - sweptAt < sweepMs) return;
    sweptAt = performance.now();
    // The next one takes what this one leaves.
    engine.query(sweeping as CompiledQuery<never>).catch(() => {});
  }

  return {
    count: (tokenId, limit) =>
      new Promise((answer, fail) => {
        const questions = waiting.get(tokenId);
        if (questions === undefined) waiting.set(tokenId, [{ limit, answer, fail }]);
        else questions.push({ limit, answer, fail });
        if (counts) return;
        counts = true;
        // After the poll phase, in which the other requests of this turn are read.
        setImmediate(drain);
      }),
    close() {},
  };
}
