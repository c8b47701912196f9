// Query plans of the sessions of one account that has very many: a page reads an index as far as it goes.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CompiledQuery, sql } from 'kysely';
import { readConfig } from '../../src/config.ts';
import { readCollectionQuery } from '../../src/jsonapi/read-query.ts';
import { zone } from '../../src/model/zone.ts';
import { product } from '../../src/open-store.ts';
import type { Call, Services } from '../../src/resources/operation.ts';
import { sessions } from '../../src/resources/sessions/sessions.ts';
import { sessionsAccess } from '../../src/resources/sessions/sessions-access.ts';
import { keyedHash } from '../../src/security/keyed-hash.ts';
import { openPostgres } from '../../src/store/postgres/engine.ts';
import type { Engine } from '../../src/store/sql/engine.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import { openSqlite } from '../../src/store/sqlite/engine.ts';
import { emptyPostgres, onEachEngine, temporaryFolder } from '../support/engines.ts';

const ofOne = 10_000;
const ofOthers = 30_000;
const userId = 7;

/** The numbers from one to another, as a table `n`. */
const numbers: Readonly<Record<string, (from: number, to: number) => string>> = {
  postgres: (from, to) => `generate_series(${from}, ${to}) AS n`,
  sqlite: (from, to) => `(WITH RECURSIVE counted (n) AS
    (SELECT ${from} UNION ALL SELECT n + 1 FROM counted WHERE n < ${to}) SELECT n FROM counted)`,
};

const accounts = (of: string) => `
  INSERT INTO users (updated_at, email, email_key, first_name, first_name_key, last_name, last_name_key, flags,
    newsletter_consent, sysadmin, sysadmin_permissions, two_factor_auth, sso_provision, locale)
  SELECT 0, 'p' || n || '@e.com', 'p' || n || '@e.com', 'a', 'a', 'b', 'b', '{}', false, false, '[]', false, false, 'en_US'
  FROM ${of}`;

/** Every fourth is of account 7. Every fifth is an API token; some have an end. */
const newSessions = (of: string) => `
  INSERT INTO sessions (hash, user_id, machine, name, created_at, last_activity_at, token_expires_at)
  SELECT 'hash' || n, CASE WHEN n % 4 = 0 THEN ${userId} ELSE 8 + n % 90 END, n % 5 = 0, 'session ' || n, 0,
    1000000 + (n * 7919) % 40009, CASE WHEN n % 3 = 0 THEN 2000000 + n END
  FROM ${of}`;

async function fill(engine: Engine): Promise<void> {
  const run = (statement: string) => engine.write((db) => sql.raw(statement).execute(db));
  const from = numbers[engine.name]!;
  await run(accounts(from(1, 100)));
  for (let n = 0; n < ofOthers + ofOne; n += ofOne) await run(newSessions(from(n + 1, n + ofOne)));
  if (engine.name === 'postgres') await run('ANALYZE');
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
}

const nodesOf = (plan: Plan): string[] => [
  `${plan['Node Type']} ${plan['Index Name'] ?? ''}`,
  ...(plan.Plans ?? []).flatMap(nodesOf),
];

onEachEngine((engineName) => {
  test('a page of ten thousand sessions of one account reads an index in the order of the page', async (t) => {
    const config = readConfig({}, {});
    const isPostgres = engineName === 'postgres';
    const engine: Engine = isPostgres
      ? await openPostgres(await emptyPostgres(t), config)
      : await openSqlite(join(await temporaryFolder(t), 'muster.db'), config);
    t.after(() => engine.close());
    await fill(engine);

    const asked: CompiledQuery<unknown>[] = [];
    const recorded =
      <T>(query: (compiled: CompiledQuery<any>) => T) =>
      (compiled: CompiledQuery<any>): T => {
        asked.push(compiled);
        return query(compiled);
      };
    const store = sqlStore(
      {
        ...engine,
        query: recorded(engine.query),
        ...(engine.queryNow && { queryNow: recorded(engine.queryNow) }),
      } as Engine,
      product.resources,
    );
    const actor = { kind: 'user', userId, sessionId: 1, powers: [], organizationId: null };
    const services = { clock: () => 1_001_000, sessionLimits: { idleMs: 1000 } } as unknown as Services;
    const call = { actor, organizationId: null } as unknown as Call;
    const visible = await sessionsAccess.visible(services, call, store.read, undefined);
    const stepsOf = async (statement: CompiledQuery<unknown>): Promise<string[]> => {
      const explained = `${isPostgres ? 'EXPLAIN (FORMAT JSON)' : 'EXPLAIN QUERY PLAN'} ${statement.sql}`;
      const rows = await engine.query<Record<string, any>>({ ...statement, sql: explained } as never);
      return isPostgres ? nodesOf(rows[0]!['QUERY PLAN'][0].Plan) : rows.map(({ detail }) => String(detail));
    };
    // The last ends that have passed are read from the ends of two indexes.
    const ends = (await stepsOf(asked[0]!)).join('; ');
    for (const index of ['sessions_token_expires_at', 'sessions_sign_ins'])
      assert.match(ends, new RegExp(index));
    assert.doesNotMatch(ends, /Seq Scan|SCAN sessions/);

    const context = { zone: zone('UTC'), limits: config, cursorHmac: keyedHash('key'), resources: new Map() };
    const read = (text: string) => readCollectionQuery(text, sessions, context);
    const { cursorAfter } = read('page[after]=');
    for (const text of [
      '',
      'sort=-id',
      'page[after]=',
      `page[after]=${cursorAfter([ofOthers])}`,
      'sort=-last_activity_at',
      'sort=last_activity_at',
      'filter[machine]=true',
      'filter[read_only]=false&sort=-last_activity_at',
      `filter[user_id]=${userId}`,
    ]) {
      asked.length = 0;
      const page = await store.read.records(sessions).page(read(text), visible, ofOne);
      assert.ok(page.length >= 30, `${text}: ${page.length}`);
      const steps = await stepsOf(asked[0]!);
      const shown = `${text}: ${steps.join('; ')}`;
      assert.ok(
        // PostgreSQL may read the primary key instead: every fourth of its rows is of the account.
        steps.some((step) => /sessions_user_id|Index.* sessions_pkey/.test(step)),
        shown,
      );
      assert.ok(
        !steps.some((step) => /Seq Scan|^Sort|TEMP B-TREE FOR ORDER BY|^SCAN sessions$/.test(step)),
        shown,
      );
    }
  });
});
