// Failed sign-ins by typed address, and the known addresses and devices of accounts.

import { sql } from 'kysely';
import type { KnownAddresses, KnownDevices, SignInAttempts } from '../attempts.ts';
import { batched } from '../sql/batched.ts';
import { compiledQueries, type KnownQueries, runOn } from '../sql/compiled-queries.ts';
import { deleteFirst } from '../sql/delete-first.ts';
import type { Database, Engine } from '../sql/engine.ts';
import { noteFamiliarity } from './familiarity.ts';

export function signInAttempts(db: Database, engine: Engine, known: KnownQueries): SignInAttempts {
  return {
    find: attemptsFinder(db, engine, known),
    async replace(key, known, next, forgetAt) {
      const values = { failures: next.failures, blocked_until: next.blockedUntil, forget_at: forgetAt };
      if (known.failures === 0) {
        const { numInsertedOrUpdatedRows } = await db
          .insertInto('sign_in_attempts')
          .values({ key, ...values })
          .onConflict((conflict) => conflict.column('key').doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows! > 0n;
      }
      const { numUpdatedRows } = await db
        .updateTable('sign_in_attempts')
        .set(values)
        .where('key', '=', key)
        .where('failures', '=', known.failures)
        .where('blocked_until', '=', known.blockedUntil)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
    async forget(keys) {
      await db.deleteFrom('sign_in_attempts').where('key', 'in', keys).execute();
    },
    deleteUntil: (time, limit) =>
      deleteFirst(db, engine, {
        table: 'sign_in_attempts',
        key: ['key'],
        isOver: sql`forget_at <= ${time}`,
        order: 'forget_at',
        limit,
      }),
  };
}

export function knownAddresses(db: Database, engine: Engine, known: KnownQueries): KnownAddresses {
  return {
    includes: addressFinder(db, engine, known),
    note: (userId, network, noted) =>
      noteFamiliarity(db, ['known_addresses', 'network'], [userId, network], noted),
    deleteUntil: (time, limit) =>
      deleteFirst(db, engine, {
        table: 'known_addresses',
        key: ['user_id', 'network'],
        isOver: sql`last_at <= ${time}`,
        order: 'last_at',
        limit,
      }),
  };
}

export function knownDevices(db: Database): KnownDevices {
  return {
    note: (userId, device, noted) =>
      noteFamiliarity(db, ['known_devices', 'device'], [userId, device], { ...noted, since: 0 }),
  };
}

// Each attempt of a flood asks these questions, before it is refused. Outside transactions, a database server answers
// those of one turn together.

function attemptsFinder(db: Database, engine: Engine, known: KnownQueries): SignInAttempts['find'] {
  type Found = { key: string; failures: number; blocked_until: number };
  const query = compiledQueries(known, runOn(engine, db as never));
  const rows = () => db.selectFrom('sign_in_attempts').select(['key', 'failures', 'blocked_until']);
  const countIn = (row: Found | undefined) => ({
    failures: row?.failures ?? 0,
    blockedUntil: row?.blocked_until ?? 0,
  });
  if (db === engine.reader && engine.queryNow === null)
    return batched(async (keys: readonly string[]) => {
      const found = await query<Found>('sign-in attempts of many', [keys], ([wanted]) =>
        rows().where(sql<boolean>`key = any(${wanted}::text[])`),
      );
      const byKey = new Map(found.map((row) => [row.key, row]));
      return keys.map((key) => countIn(byKey.get(key)));
    });
  return async (key) => {
    const [row] = await query<Found>('sign-in attempts', [key], ([wanted]) =>
      rows().where('key', '=', wanted as never),
    );
    return countIn(row);
  };
}

function addressFinder(db: Database, engine: Engine, known: KnownQueries): KnownAddresses['includes'] {
  const query = compiledQueries(known, runOn(engine, db as never));
  if (db === engine.reader && engine.queryNow === null) {
    const includes = batched(async (asked: readonly Parameters<KnownAddresses['includes']>[]) => {
      const columns = [0, 1, 2].map((column) => asked.map((question) => question[column]));
      const found = await query<{ n: number }>('known addresses', columns, ([users, networks, times]) =>
        db
          .selectFrom(
            sql<{ n: number }>`(select question.n
              from unnest(${users}::bigint[], ${networks}::text[], ${times}::bigint[])
                with ordinality as question (user_id, network, since, n)
              join known_addresses as known
                on known.user_id = question.user_id and known.network = question.network
                and known.last_at > question.since)`.as('found'),
          )
          .select('n'),
      );
      const known = new Set(found.map(({ n }) => Number(n)));
      return asked.map((_, i) => known.has(i + 1));
    });
    return (...question) => includes(question);
  }
  return async (userId, network, since) => {
    const found = await query('known address', [userId, network, since], ([user, from, after]) =>
      db
        .selectFrom('known_addresses')
        .select('user_id')
        .where('user_id', '=', user as never)
        .where('network', '=', from as never)
        .where('last_at', '>', after as never),
    );
    return found.length > 0;
  };
}
