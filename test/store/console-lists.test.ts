// The lists that a console asks for cost what the same lists of users cost: on PostgreSQL they touch about as many rows,
// on SQLite no more of their statements filter a whole table or sort more than a page.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CompiledQuery } from 'kysely';
import pg from 'pg';
import { openEngine, product } from '../../src/open-store.ts';
import type { Engine } from '../../src/store/sql/engine.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import { type ConsoleList, listsOfUsers, otherLists } from '../support/console-lists.ts';
import { onTables } from '../support/database-rows.ts';
import { type EngineName, emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';
import { fillDatabaseBefore, largeOrganization, someOfEachKind } from '../support/many-members.ts';
import { recordedQueries } from '../support/recorded-queries.ts';
import { serveStore } from '../support/start-app.ts';

type Query = CompiledQuery<unknown>;

onEachEngine((engine) => {
  test('the lists of a console cost what lists of users cost', async (t) => {
    const { queriesOf, explain } = await manyMembers(t, engine);
    const read = readers[engine];
    const costOf = async (list: ConsoleList) => {
      const queries = await queriesOf(list);
      const costs = await Promise.all(queries.map(async (query) => read(await explain(query), query)));
      return { queries, cost: costs.reduce((sum, cost) => sum + cost, 0) };
    };
    const costs = new Map<string, number>();
    for (const [name, list] of Object.entries(listsOfUsers)) costs.set(name, (await costOf(list)).cost);
    for (const [name, [list, likeUsers]] of Object.entries(otherLists))
      await t.test(`${name}: like ${likeUsers}`, async () => {
        const { queries, cost } = await costOf(list);
        const limit = limits[engine](costs.get(likeUsers)!);
        const plans = async () =>
          Promise.all(queries.map(async (query) => [query.sql, await explain(query)]));
        assert.ok(
          cost <= limit,
          `${cost}, limit ${limit}: ${JSON.stringify(cost > limit && (await plans()), null, 1)}`,
        );
      });
  });
});

/** A service on a database with many members, which tells what it asks the database. */
async function manyMembers(t: TestContext, engineName: EngineName) {
  const config = await emptyDatabaseConfig(t, engineName);
  await fillDatabaseBefore(config, { users: 20_000, organizations: 400 });
  const engine = await openEngine(config);
  t.after(() => engine.close());
  for (const statement of someOfEachKind) await onTables(config, statement);
  const explain = await explainer(t, engine, config.databaseUrl);

  const recorded = recordedQueries(engine);
  const app = await serveStore(t, sqlStore(recorded.engine, product.resources));
  const callers = {
    sysadmin: await app.createUser({ sysadmin: true }),
    owner: await app.createUser({ organizationId: largeOrganization, role: 'owner' }),
  };
  if (engineName === 'postgres') await onTables(config, 'VACUUM ANALYZE');
  const queriesOf = async ({ path, as, within }: ConsoleList): Promise<readonly Query[]> => {
    recorded.taken();
    const headers = within ? { 'X-Organization-Id': String(largeOrganization) } : {};
    const { status, text } = await app.request('GET', path, { token: callers[as].token, headers });
    assert.equal(status, 200, text);
    return recorded.taken();
  };
  return { queriesOf, explain };
}

/** The highest cost, by that of the list of users. On PostgreSQL with a tolerance: there are more people than users. */
const limits: Readonly<Record<EngineName, (cost: number) => number>> = {
  postgres: (rows) => 2 * rows + 300,
  sqlite: (steps) => steps,
};

type Explain = (query: Query) => Promise<readonly Record<string, unknown>[]>;

async function explainer(t: TestContext, engine: Engine, databaseUrl: string): Promise<Explain> {
  if (engine.name === 'sqlite')
    return (query) => engine.query({ ...query, sql: `EXPLAIN QUERY PLAN ${query.sql}` } as never);
  const client = new pg.Client({ connectionString: databaseUrl });
  // The database is dropped before the client is closed.
  client.on('error', () => {});
  await client.connect();
  t.after(() => client.end());
  return async ({ sql, parameters }) =>
    (await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, [...parameters])).rows;
}

interface Plan {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

/** Rows that the scans of a plan have touched. */
function rowsOf({ Plans: parts = [], ...plan }: Plan): number {
  if (parts.length > 0) return parts.reduce((sum, part) => sum + rowsOf(part), 0);
  return plan['Actual Loops'] * (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0));
}

/** What a statement costs, by its plan. */
const readers: Readonly<Record<EngineName, (plan: Awaited<ReturnType<Explain>>, query: Query) => number>> = {
  postgres: ([row]) => rowsOf((row!['QUERY PLAN'] as { Plan: Plan }[])[0]!.Plan),
  /** The number of steps that filter a whole table, or sort more than the page. */
  sqlite(steps, { sql }) {
    // Reads only the first thousand rows of the list, or the few thousand that its index says can match.
    if (/ as "(among|few)" cross join /.test(sql)) return 0;
    const details = steps.map(({ detail }) => String(detail));
    const page = details.indexOf('SCAN page');
    // One user has few memberships.
    const sortsFew = details.some((detail) => /organization_memberships .*\(user_id=\?/.test(detail));
    return details.filter(
      (detail, i) =>
        (/^SCAN (users|people|organizations|organization_memberships|invitations)\b/.test(detail) &&
          sql.includes(' where ')) ||
        (!sortsFew && /TEMP B-TREE FOR ORDER BY/.test(detail) && (page === -1 || i < page)),
    ).length;
  },
};
