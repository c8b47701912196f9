// Query plans on both engines: a table of a hundred thousand accounts is never scanned if an index can be used.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { CompiledQuery } from 'kysely';
import pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { readCollectionQuery } from '../../src/jsonapi/read-query.ts';
import { equals, hasId } from '../../src/model/query.ts';
import type { Resource } from '../../src/model/resource.ts';
import { zone } from '../../src/model/zone.ts';
import { memberships } from '../../src/resources/memberships/memberships.ts';
import { people } from '../../src/resources/people/people.ts';
import { organizationsOfUsers, users } from '../../src/resources/users/users.ts';
import { keyedHash } from '../../src/security/keyed-hash.ts';
import { openPostgres } from '../../src/store/postgres/engine.ts';
import { statementName } from '../../src/store/postgres/statement-names.ts';
import { sqlStore } from '../../src/store/sql-store.ts';
import { openSqlite } from '../../src/store/sqlite/engine.ts';
import type { Visible } from '../../src/store/store.ts';
import { engines } from '../support/chosen-engines.ts';
import { emptyPostgres, temporaryFolder } from '../support/engines.ts';
import { gadgets } from '../support/toy/gadgets.ts';
import { withGadgets } from '../support/toy/with-gadgets.ts';

const rows = 20_000;
const context = {
  zone: zone('UTC'),
  limits: readConfig({}, {}),
  cursorHmac: keyedHash('key'),
  resources: new Map(),
};

/** Realistic accounts: names repeat, few are sysadmins, most have no time zone. */
const fill = `
  INSERT INTO users (updated_at, email, email_key, first_name, first_name_key, last_name, last_name_key, time_zone,
    flags, newsletter_consent, newsletter_consent_at, sysadmin, sysadmin_permissions, two_factor_auth, sso_provision,
    account_access_expires_at, locale)
  SELECT 1700000000000 + n * 1000000::bigint, 'person' || n || '@example.com', 'person' || n || '@example.com',
    'First' || n % 500, 'first' || n % 500, 'Last' || n % 977, 'last' || n % 977,
    CASE WHEN n % 3 = 0 THEN 'Europe/Zagreb' END, '{}', n % 10 = 0, CASE WHEN n % 10 = 0 THEN n END, n % 1000 = 0,
    '[]', n % 20 = 0, n % 50 = 0, CASE WHEN n % 100 = 0 THEN 1800000000000 END,
    CASE WHEN n % 10 = 0 THEN 'de_DE' ELSE 'en_US' END
  FROM generate_series(1, ${rows}) AS n;
  INSERT INTO organizations (name, created_at) SELECT 'Organization ' || n, 0 FROM generate_series(1, 100) AS n;
  INSERT INTO memberships SELECT 1 + n % 100, n, 'member', 0 FROM generate_series(1, ${rows}) AS n;
  UPDATE users SET default_organization_id = 1 + id % 100 WHERE id % 2 = 0;
`;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly Plan[];
}

function walked(plan: Plan): string[] {
  const here = plan['Node Type'] === 'Seq Scan' ? [plan['Relation Name']!] : [];
  return [...here, ...(plan.Plans ?? []).flatMap(walked)];
}

const values: Readonly<Record<string, string>> = {
  id: '77',
  updated_at: '2023-11-15',
  newsletter_consent: 'true',
  sysadmin: 'true',
  two_factor_auth: 'true',
  sso_provision: 'true',
  account_access_expires_at: '2027-01-15',
  default_organization_id: '7',
  email: 'person77@example.com',
  first_name: 'First77',
  last_name: 'Last77',
  time_zone: 'Europe/Zagreb',
  locale: 'de_DE',
};

/** Filters that match nearly all rows must be counted row by row, with any index. */
const matchesMost = /not_eq|not_contain|\[lt|\[gt/;

describe('on postgres', { skip: !engines.includes('postgres') }, () => {
  test('no documented filter or sort walks the table', async (t) => {
    const url = await emptyPostgres(t);
    const engine = await openPostgres(url, readConfig({}, {}));
    t.after(() => engine.close());
    const client = new pg.Client({ connectionString: url });
    // The database is dropped before the client is closed.
    client.on('error', () => {});
    await client.connect();
    t.after(() => client.end());
    await client.query(fill);
    await client.query('VACUUM ANALYZE');

    let asked: CompiledQuery<unknown>[] = [];
    const store = sqlStore(
      {
        ...engine,
        query(query) {
          asked.push(query);
          return engine.query(query);
        },
      },
      [users],
    );
    async function check(text: string, visible: Visible = null): Promise<void> {
      const query = readCollectionQuery(text, users, context);
      asked = [];
      const page = await store.read.records(users).page(query, visible, rows);
      await store.read.records(users).findMany(page.map(({ id }) => id));
      if (!matchesMost.test(text) && query.page.by === 'number' && query.filter !== null)
        await store.read.records(users).count(query.filter, visible);
      for (const { sql, parameters } of asked) {
        // Statements without a name are planned at each execution.
        const modes = [
          'force_custom_plan',
          ...(statementName(sql) === undefined ? [] : ['force_generic_plan']),
        ];
        for (const mode of modes) {
          await client.query(`SET plan_cache_mode = ${mode}`);
          const explained = await client.query(`EXPLAIN (FORMAT JSON) ${sql}`, parameters as unknown[]);
          const plan = explained.rows[0]['QUERY PLAN'][0].Plan as Plan;
          assert.deepEqual(
            walked(plan).filter((table) => table === 'users'),
            [],
            `${text} (${mode}): ${sql}\n${JSON.stringify(plan)}`,
          );
        }
      }
    }

    for (const sort of users.sorts.keys()) {
      await t.test(`sort=${sort}`, async () => {
        await check(`sort=${sort}`);
        await check(`sort=-${sort}`);
        await check(`sort=${sort}&page[number]=400`);
      });
    }
    for (const [name, { kind }] of users.filters) {
      await t.test(`filter[${name}]`, async () => {
        assert.ok(values[name], `a value for ${name}`);
        for (const operator of kind.operators) await check(`filter[${name}][${operator}]=${values[name]}`);
      });
    }
    await t.test('search, groups, cursors and organizations', async () => {
      await check('filter[query]=person777');
      // One statement for the page, one for the count.
      assert.equal(asked.filter(({ sql }) => statementName(sql) === undefined).length, 2);
      await check('filter[query]=first77 last77');
      // The fill is one change of all rows: indexed here, as the job does.
      while ((await store.write(({ records }) => records(users).indexTexts(4096))) > 0);
      await client.query('VACUUM ANALYZE users_unindexed, users_grams');
      for (const text of ['zq', '77', '王', 'a b']) {
        await check(`filter[query]=${text}`);
        await check(`filter[query]=${text}&page[after]=`);
        await check(`filter[query]=${text}&sort=last_name`);
      }
      // As far as the page goes, also in a text of all rows.
      for (const text of ['a', 'a e', 'e 77']) {
        const query = readCollectionQuery(`filter[query]=${text}&page[after]=`, users, context);
        asked = [];
        await store.read.records(users).page(query, null, rows);
        const { rows: explained } = await client.query(
          `EXPLAIN (FORMAT JSON) ${asked[0]!.sql}`,
          asked[0]!.parameters as unknown[],
        );
        assert.match(
          JSON.stringify(explained),
          /"Incremental Sort".*"Presorted Key":\["[a-z0-9_.]*segment"\]/,
          text,
        );
      }
      await check('filter[$op]=or&filter[0][email]=person5@example.com&filter[1][last_name]=Last7');
      await check('page[after]=');
      await check(`page[after]=${readCollectionQuery('page[after]=', users, context).cursorAfter([18_000])}`);
      await check('', { link: organizationsOfUsers, others: [7] });
      const after = { column: 'expires_at', time: 1_700_000_000_000 };
      await check('', { link: organizationsOfUsers, others: [7], after });
      await check('filter[last_name]=Last77', { link: organizationsOfUsers, others: [7, 8], after });
      await check('filter[last_name]=Last77', { link: organizationsOfUsers, others: [7, 8] });
      await check('', hasId(7));
    });
  });
});

describe('on sqlite', { skip: !engines.includes('sqlite') }, () => {
  /** The query plan of SQLite for a statement of a page, by default the first, one line per step. */
  async function stepsOf(
    t: TestContext,
    resource: Resource = users,
    visible: Visible = null,
  ): Promise<(text: string, statement?: number) => Promise<string[]>> {
    const engine = await openSqlite(join(await temporaryFolder(t), 'muster.db'), readConfig({}, {}));
    t.after(() => engine.close());
    let asked: CompiledQuery<unknown>[] = [];
    const queryNow: typeof engine.queryNow = (compiled) => {
      asked.push(compiled);
      return engine.queryNow!(compiled);
    };
    const store = sqlStore({ ...engine, queryNow }, [resource]);
    return async (text, statement = 0) => {
      asked = [];
      await store.read.records(resource).page(readCollectionQuery(text, resource, context), visible, rows);
      const page = asked[statement]!;
      const explained = { ...page, sql: `EXPLAIN QUERY PLAN ${page.sql}` };
      const plan = await engine.query(explained as CompiledQuery<{ detail: string }>);
      return plan.map(({ detail }) => detail);
    };
  }

  test('pages by one filter or one sort read indexes alone', async (t) => {
    const steps = await stepsOf(t);
    const filters = [...users.filters.keys()].map((name) => `filter[${name}]=${values[name]}`);
    for (const text of ['', ...filters, ...[...users.sorts.keys()].map((name) => `sort=-${name}`)]) {
      // A name is found by its folded column and then compared exactly; an id is the primary key.
      if (/_name\]|\[id\]/.test(text)) continue;
      const plan = await steps(text);
      const reads = plan.filter((step) => /^(SEARCH|SCAN) /.test(step));
      assert.ok(reads.length > 0);
      for (const read of reads) assert.match(read, /COVERING INDEX/, `${text}: ${plan.join('; ')}`);
    }
  });

  test('a few records are found by their own index, not among all of their organization', async (t) => {
    const fewOf = new Map<Resource, readonly string[]>([
      [people, ['id', 'user_id', 'email']],
      [memberships, ['id', 'user_id', 'person_id']],
    ]);
    for (const [resource, names] of fewOf) {
      const steps = await stepsOf(t, resource, equals('organization_id', 1));
      const sorts = [
        'sort=created_at',
        'sort=-created_at',
        ...(resource === people ? ['sort=last_name'] : []),
      ];
      for (const name of names)
        for (const list of ['', '&page[after]=', '&page[number]=2', ...sorts.map((sort) => `&${sort}`)]) {
          const text = `filter[${name}]=${name === 'email' ? 'a@b.c' : '7,8,999'}${list}`;
          const plan = await steps(text);
          const own = name === 'id' ? 'rowid' : name === 'email' ? 'email_key' : name;
          const first = plan.find((step) => /^(SEARCH|SCAN) /.test(step))!;
          assert.match(first, new RegExp(`[(]${own}=`), `${text}: ${plan.join('; ')}`);
          assert.doesNotMatch(plan.join('; '), /organization_id=[?][)]/, text);
        }
    }
  });

  test('pages of another resource by one filter or one sort walk its own indexes', async (t) => {
    const contents = { ...readConfig({}, {}), migrations: withGadgets.migrations };
    const engine = await openSqlite(join(await temporaryFolder(t), 'muster.db'), contents);
    t.after(() => engine.close());
    let asked: CompiledQuery<unknown>[] = [];
    const queryNow: typeof engine.queryNow = (compiled) => {
      asked.push(compiled);
      return engine.queryNow!(compiled);
    };
    const store = sqlStore({ ...engine, queryNow }, withGadgets.resources);
    const filters = [
      ...['order', 'group', 'owner_id', 'part_of_id'].map((name) => `filter[${name}]=1`),
      ...['enabled', 'approved'].map((name) => `filter[${name}]=true`),
      ...[
        'filter[group]=',
        'filter[user]=x',
        'filter[model]=x',
        'filter[contact]=a@b.c',
        'filter[locale]=en_US',
      ],
    ];
    const sorts = [...gadgets.sorts.keys()].flatMap((name) => [`sort=${name}`, `sort=-${name}`]);
    for (const text of ['', ...filters, ...sorts]) {
      asked = [];
      await store.read.records(gadgets).page(readCollectionQuery(text, gadgets, context), null, rows);
      const [page] = asked as [CompiledQuery<unknown>];
      const explained = { ...page, sql: `EXPLAIN QUERY PLAN ${page.sql}` };
      const plan = await engine.query(explained as CompiledQuery<{ detail: string }>);
      const steps = plan.map(({ detail }) => detail);
      // In the order of ids, a page reads the table itself.
      const walk = /^$|=-?id$/.test(text)
        ? /^SCAN gadgets/
        : /^(SEARCH|SCAN) gadgets USING (COVERING )?INDEX gadgets_/;
      assert.match(steps[0]!, walk, `${text}: ${steps.join('; ')}`);
      assert.ok(!steps.some((step) => /TEMP B-TREE FOR ORDER BY/.test(step)), `${text}: ${steps.join('; ')}`);
    }
  });

  test('a text is walked in the order of ids, as far as the page goes', async (t) => {
    const steps = await stepsOf(t);
    const searches = [
      'filter[last_name][contains]=ast',
      'filter[query]=person777',
      'filter[query]=first last',
    ];
    for (const search of searches) {
      const cursor = readCollectionQuery(`page[after]=&${search}`, users, context).cursorAfter([18_000]);
      for (const page of [
        '',
        `&page[after]=${cursor}`,
        '&page[number]=3',
        '&page[number]=500',
        '&sort=-id',
      ]) {
        const plan = await steps(search + page);
        const walk = plan.find((step) => step.startsWith('SCAN users_search VIRTUAL TABLE'));
        const beforePage = plan.slice(0, plan.indexOf('SCAN page')).join('; ');
        assert.ok(walk !== undefined && beforePage.includes(walk), `${search}${page}: ${plan.join('; ')}`);
        assert.doesNotMatch(beforePage, /TEMP B-TREE|LIST SUBQUERY/, `${search}${page}`);
      }
    }
  });

  test('one or two characters are walked in their index too, before and after they are indexed', async (t) => {
    const steps = await stepsOf(t);
    for (const search of ['filter[last_name][contains]=zq', 'filter[query]=王', 'filter[query]=a b'])
      for (const page of ['', '&page[after]=', '&page[number]=3', '&sort=-id']) {
        const plan = await steps(search + page);
        const beforePage = plan.slice(0, plan.indexOf('SCAN page'));
        const walk = beforePage.findIndex((step) => step.startsWith('SCAN users_grams VIRTUAL TABLE'));
        assert.equal(beforePage[walk - 1], 'LEFT', `${search}${page}: ${plan.join('; ')}`);
        assert.ok(beforePage.includes('SCAN changed'), plan.join('; '));
        assert.ok(!plan.some((step) => /^SCAN users( |$)|LIST SUBQUERY/.test(step)), plan.join('; '));
      }
  });

  test('one or two characters are found in the first people of an organization by name, or by their ids', async (t) => {
    const steps = await stepsOf(t, people, equals('organization_id', 1));
    for (const search of ['filter[query]=zq', 'filter[query]=a b']) {
      const text = `${search}&sort=last_name`;
      const first = await steps(text);
      assert.ok(
        first.includes(
          'SEARCH people USING COVERING INDEX people_organization_id_last_name_key (organization_id=?)',
        ),
        first.join('; '),
      );
      // Few match, as the second statement says.
      const few = await steps(text, 2);
      assert.doesNotMatch(few.join('; '), /organization_id=[?][)]/);
      assert.ok(few.includes('SEARCH people USING INTEGER PRIMARY KEY (rowid=?)'), few.join('; '));
      const byId = await steps(search);
      assert.ok(
        byId.some((step) => step.startsWith('SCAN people_grams VIRTUAL TABLE')),
        byId.join('; '),
      );
      assert.doesNotMatch(byId.join('; '), /organization_id/);
    }
  });
});
