// Finds the account of a token, and the version of the record that the request names. Runs for every request.

import { type CompiledQuery, type Kysely, sql } from 'kysely';
import type { Row, ShownRevisions } from '../../model/resource.ts';
import { batched } from '../sql/batched.ts';
import { CommitScopedCache } from '../sql/commit-scoped-cache.ts';
import type { Engine } from '../sql/engine.ts';
import type { Untyped } from '../sql/page.ts';
import {
  factColumns,
  ofResource,
  otherColumn,
  type ResourceTable,
  shownRevisions,
  withFacts,
} from '../sql/resource-table.ts';
import type { Account, Authentication, RecordVersion, Store } from '../store.ts';

type Authenticate = Store['authenticate'];

export interface AccountRow {
  readonly session_id: number;
  readonly machine: number | boolean;
  readonly read_only: number | boolean;
  readonly created_at: number;
  readonly last_activity_at: number | null;
  readonly token_expires_at: number | null;
  readonly user_id: number;
  readonly sysadmin: number | boolean;
  readonly sysadmin_permissions: string;
  readonly access_expires_at: number | null;
  readonly organization_id: number | null;
  readonly membership_expires_at: number | null;
  readonly position?: number | null;
}

interface AuthenticationRow extends AccountRow {
  readonly question: number;
  readonly target_id: number | null;
  readonly target_revision: number | null;
  readonly target_shown: ShownRevisions;
}

export function authenticator(engine: Engine, tables: readonly ResourceTable[]): Authenticate {
  return engine.queryNow === null
    ? batchingAuthenticator(engine, tables)
    : synchronousAuthenticator(engine, engine.queryNow, tables);
}

/** The records of the token itself, which are also records of resources: the table, and the column with the id. */
const ownRecords = {
  caller: { table: 'users', id: 'account.id' },
  session: { table: 'sessions', id: 'sessions.id' },
} as const;

type Own = keyof typeof ownRecords;

/** Undefined if the store was opened without the resource. */
function ownTable(tables: readonly ResourceTable[], own: Own): ResourceTable | undefined {
  return tables.find(({ name }) => name === ownRecords[own].table);
}

/**
 * For an engine in this process: synchronous, and cached until anyone commits. It uses two statements, because the
 * account is nearly always in the cache. The second statement reads the page of the file that holds the record's row.
 */
function synchronousAuthenticator(
  engine: Engine,
  queryNow: NonNullable<Engine['queryNow']>,
  tables: readonly ResourceTable[],
): Authenticate {
  const accountOf = engine.reader
    .selectFrom('sessions')
    .innerJoin('users as account', 'account.id', 'sessions.user_id')
    .leftJoin('organization_memberships as binding', 'binding.id', 'sessions.membership_id')
    .where('sessions.hash', '=', '')
    .select(accountColumns)
    .compile();
  const accounts = new CommitScopedCache<string, Account>(engine);
  const finders = new Map(tables.map((table) => [table.resource, versionFinder(engine, queryNow, table)]));
  const finderOfOwn = (own: Own) => {
    const table = ownTable(tables, own);
    return table && finders.get(table.resource);
  };
  const [findCaller, findSession] = [finderOfOwn('caller'), finderOfOwn('session')];

  function findAccount(tokenHash: string): Account | null {
    const [row] = queryNow<AccountRow>(withParameter(accountOf, tokenHash));
    if (row === undefined) return null;
    const account = readAccount(row);
    accounts.set(tokenHash, account);
    return account;
  }

  return (tokenHash, target) => {
    const account = accounts.get(tokenHash) ?? findAccount(tokenHash);
    if (account === null) return null;
    if (target === null) return { ...account, target };
    if (target === 'caller') return { ...account, target: findCaller!(account.userId) };
    if (target === 'session') return { ...account, target: findSession!(account.sessionId) };
    return { ...account, target: ofResource(finders, target.resource)(target.id) };
  };
}

function versionFinder(
  engine: Engine,
  queryNow: NonNullable<Engine['queryNow']>,
  table: ResourceTable,
): (id: number) => RecordVersion | null {
  const versionOf = (engine.reader as Kysely<Untyped>)
    .selectFrom(table.name)
    .where('id', '=', 0)
    .select([
      'id',
      'revision',
      shownRevisions(table, (other) => otherColumn(other, 'revision', table.name)).as('shown'),
      ...factColumns(table, table.name),
    ])
    .compile();
  const versions = new CommitScopedCache<number, RecordVersion | null>(engine);
  return (id) => {
    const known = versions.get(id);
    if (known !== undefined) return known;
    const [row] = queryNow<RecordVersion & Row>(withParameter(versionOf, id));
    const version =
      row === undefined
        ? null
        : withFacts(table, row, { id: row.id, revision: row.revision, shown: row.shown });
    versions.set(id, version);
    return version;
  };
}

function withParameter<R>(query: CompiledQuery<unknown>, parameter: unknown): CompiledQuery<R> {
  return { ...query, parameters: [parameter] } as CompiledQuery<R>;
}

interface Question {
  readonly tokenHash: string;
  readonly namedId: number | null;
}

/**
 * For a database server: requests for records of one resource are batched. So are those that name no record, because
 * their statement reads less. The subqueries hide the sizes of batches: otherwise PostgreSQL would plan the statement for
 * each small one, which takes longer than to run it.
 */
function batchingAuthenticator(engine: Engine, tables: readonly ResourceTable[]): Authenticate {
  const batchers = new Map(
    tables.map((table) => [table.resource, batcher(engine, { table, id: 'question.target' })]),
  );
  const batcherOfOwn = (own: Own) => {
    const table = ownTable(tables, own);
    return table && batcher(engine, { table, id: ownRecords[own].id });
  };
  const ofOwn = { caller: batcherOfOwn('caller'), session: batcherOfOwn('session') };
  const withoutTarget = batcher(engine, null);
  return (tokenHash, target) => {
    if (target === null) return withoutTarget(tokenHash, null);
    if (typeof target === 'string') return ofOwn[target]!(tokenHash, null);
    return ofResource(batchers, target.resource)(tokenHash, target.id);
  };
}

/** Which record's version is looked up. */
interface TargetOfBatch {
  readonly table: ResourceTable;
  /** The column that holds its id. */
  readonly id: 'question.target' | (typeof ownRecords)[Own]['id'];
}

function batcher(
  engine: Engine,
  target: TargetOfBatch | null,
): (tokenHash: string, namedId: number | null) => Promise<Authentication | null> {
  const compiled = sql`
    select ${sql.join([sql.ref('question.n').as('question'), ...accountColumns.map(selected), ...targetColumns(target)])}
      ${engine.hasReplicas ? sql`, write_positions.position` : sql``}
    from unnest((select ${[]}::text[]), (select ${[]}::bigint[])) with ordinality as question (hash, target, n)
    join sessions on sessions.hash = question.hash
    join users as account on account.id = sessions.user_id
    left join organization_memberships as binding on binding.id = sessions.membership_id
    ${sql.join(targetJoins(target), sql` `)}
    ${engine.hasReplicas ? sql`left join write_positions on write_positions.user_id = account.id` : sql``}
  `.compile(engine.reader);
  const ask = batched(async (questions: readonly Question[]) => {
    const rows = await engine.query<AuthenticationRow>({
      ...compiled,
      parameters: [questions.map((q) => q.tokenHash), questions.map((q) => q.namedId)],
    } as CompiledQuery<never>);
    const found = new Map(rows.map((row) => [row.question - 1, row]));
    return questions.map((_, i) => {
      const row = found.get(i);
      return row === undefined ? null : { ...readAccount(row), target: readTarget(target, row) };
    });
  });
  return (tokenHash, namedId) => ask({ tokenHash, namedId });
}

/**
 * Columns of `sessions`, of `users` under the alias `account`, and of the membership to which the token is bound under
 * the alias `binding`.
 */
export const accountColumns = [
  'sessions.id as session_id',
  'sessions.machine as machine',
  'sessions.read_only as read_only',
  'sessions.created_at as created_at',
  'sessions.last_activity_at as last_activity_at',
  'sessions.token_expires_at as token_expires_at',
  'sessions.user_id as user_id',
  'account.sysadmin as sysadmin',
  'account.sysadmin_permissions as sysadmin_permissions',
  'account.account_access_expires_at as access_expires_at',
  'binding.organization_id as organization_id',
  'binding.expires_at as membership_expires_at',
] as const;

function targetColumns(target: TargetOfBatch | null) {
  if (target === null) return [];
  const { table } = target;
  return [
    selected('target.id as target_id'),
    selected('target.revision as target_revision'),
    shownRevisions(table, ({ alias }) => sql.ref(`${alias}.revision`)).as('target_shown'),
    ...factColumns(table, 'target'),
  ];
}

/** The record, and the other records that it shows values of. */
function targetJoins(target: TargetOfBatch | null) {
  if (target === null) return [];
  const { table, id } = target;
  return [
    sql`left join ${sql.table(table.name)} as target on target.id = ${sql.ref(id)}`,
    ...table.others.map(
      ({ table: other, alias, by }) =>
        sql`left join ${sql.table(other)} as ${sql.ref(alias)} on ${sql.ref(`${alias}.id`)} = ${sql.ref(`target.${by}`)}`,
    ),
  ];
}

function selected(column: string) {
  const [name, alias] = column.split(' as ') as [string, string];
  return sql`${sql.ref(name)} as ${sql.ref(alias)}`;
}

export function readAccount(row: AccountRow): Account {
  return {
    sessionId: row.session_id,
    machine: Boolean(row.machine),
    readOnly: Boolean(row.read_only),
    createdAt: row.created_at,
    lastActivityAt: row.last_activity_at,
    tokenExpiresAt: row.token_expires_at,
    userId: row.user_id,
    sysadmin: Boolean(row.sysadmin),
    sysadminPermissions: row.sysadmin_permissions,
    accessExpiresAt: row.access_expires_at,
    organizationId: row.organization_id,
    membershipExpiresAt: row.membership_expires_at,
    walPosition: row.position ?? null,
  };
}

function readTarget(target: TargetOfBatch | null, row: AuthenticationRow): RecordVersion | null {
  if (target === null) return null;
  const { target_id: id, target_revision: revision, target_shown: shown } = row;
  return id === null ? null : withFacts(target.table, { ...row }, { id, revision: revision!, shown });
}
