// Which users belong to which organization, see Memberships in ../accounts.ts.

import { type ExpressionBuilder, sql } from 'kysely';
import type { Role } from '../../model/actor.ts';
import { type Awaitable, chain } from '../../model/awaitable.ts';
import type { LimitedMembershipRow, Member, MemberRow, Memberships, MembersOf } from '../accounts.ts';
import { batched } from '../sql/batched.ts';
import { CommitScopedCache } from '../sql/commit-scoped-cache.ts';
import { compiledQueries, type KnownQueries, runOn } from '../sql/compiled-queries.ts';
import type { Database, Engine } from '../sql/engine.ts';
import type { Schema } from './schema.ts';

export function memberships(db: Database, engine: Engine, known: KnownQueries): Memberships {
  const query = compiledQueries(known, runOn(engine, db as never));
  const lastEnd = endFinder(db, engine);
  const allOf = finderOfUser(db, engine, query);
  const current = (now: number) =>
    db
      .selectFrom('organization_memberships')
      .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]));
  return {
    async list(of, limit) {
      const query = db
        .selectFrom('organization_memberships')
        .innerJoin('organizations', 'organizations.id', 'organization_memberships.organization_id')
        .innerJoin('users', 'users.id', 'organization_memberships.user_id')
        .select([
          'organization_memberships.id',
          'organization_memberships.organization_id',
          'organizations.name as organization_name',
          'organization_memberships.user_id',
          'users.email',
          'organization_memberships.person_id',
          'organization_memberships.role',
          'organization_memberships.created_at',
          'organization_memberships.expires_at',
        ])
        .where(belongingTo(of))
        .orderBy('organization_memberships.organization_id')
        .orderBy('organization_memberships.user_id')
        .limit(limit);
      return (await query.execute()) as MemberRow[];
    },
    async count(of) {
      const query = db
        .selectFrom('organization_memberships')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where(belongingTo(of));
      return Number((await query.executeTakeFirstOrThrow()).count);
    },
    async idsOf(organizationId, userIds) {
      if (userIds.length === 0) return [];
      const rows = await db
        .selectFrom('organization_memberships')
        .select('id')
        .where('organization_id', '=', organizationId)
        .where('user_id', 'in', userIds)
        .execute();
      // Sorted here: for ORDER BY, SQLite reads all members of the organization, whose ids its index has in order.
      return rows.map(({ id }) => id).sort((one, other) => one - other);
    },
    async newPersonIds(members) {
      const given = engine.givenRows({ organization_id: 'integer', user_id: 'integer' }, members);
      const rows = await query<Member & { id: number }>(
        `new people ${given.shape}`,
        given.values,
        (parameters) => ({
          compile: () =>
            sql`
              select given.organization_id, given.user_id, ${engine.nextId('people')} as id
              from (${given.query(parameters)}) as given
              where not exists (
                select 1 from people
                where people.organization_id = given.organization_id and people.user_id is null
                  and people.email_key = (select email_key from users where users.id = given.user_id)
              )`.compile(db),
        }),
      );
      const ids = new Map(rows.map((row) => [`${row.organization_id} ${row.user_id}`, row.id]));
      return (organizationId, userId) => ids.get(`${organizationId} ${userId}`) ?? null;
    },
    async idOf(organizationId, userId) {
      const row = await db
        .selectFrom('organization_memberships')
        .select('id')
        .where('organization_id', '=', organizationId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return row?.id ?? null;
    },
    async listAllOf(userIds) {
      if (userIds.length === 0) return [];
      return db
        .selectFrom('organization_memberships')
        .select(['organization_id', 'user_id', 'role', 'created_at', 'expires_at'])
        .where('user_id', 'in', userIds)
        .orderBy('user_id')
        .orderBy('organization_id')
        .execute();
    },
    async listOf(userIds, now) {
      if (userIds.length === 0) return [];
      return current(now)
        .select(['organization_id', 'user_id', 'role'])
        .where('user_id', 'in', userIds)
        .orderBy('user_id')
        .orderBy('organization_id')
        .execute();
    },
    async usersOf(organizationId, roles, after, limit) {
      const rows = await db
        .selectFrom('organization_memberships')
        .select('user_id')
        .where('organization_id', '=', organizationId)
        .where('role', 'in', roles)
        .where('user_id', '>', after)
        .orderBy('user_id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.user_id);
    },
    async firstOf(userId, but, limit) {
      const rows = await db
        .selectFrom('organization_memberships')
        .select('id')
        .where('user_id', '=', userId)
        .$if(but.length > 0, (query) => query.where('organization_id', 'not in', but))
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },
    async erase(ended) {
      if (ended.length === 0) return;
      const idsOf = (name: 'id' | 'person_id') => ended.map((one) => one[name]);
      await db.deleteFrom('organization_memberships').where('id', 'in', idsOf('id')).execute();
      await db.deleteFrom('people').where('id', 'in', idsOf('person_id')).execute();
    },
    async eraseMany(organizationId, userIds) {
      if (userIds.length === 0) return;
      await db
        .deleteFrom('organization_memberships')
        .where('organization_id', '=', organizationId)
        .where('user_id', 'in', userIds)
        .execute();
      await db
        .deleteFrom('people')
        .where('organization_id', '=', organizationId)
        .where('user_id', 'in', userIds)
        .execute();
    },
    async eraseLeft(organizationId, limit) {
      const left = db
        .selectFrom('people')
        .select('id')
        .where('organization_id', '=', organizationId)
        .where('deactivated_at', 'is not', null)
        .orderBy('id')
        .limit(limit);
      const { numDeletedRows } = await db
        .deleteFrom('people')
        .where('id', 'in', left)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
    role(organizationId, userId, now) {
      const found = query<{ role: Role }>(
        'role',
        [organizationId, userId, now],
        ([organization, user, time]) =>
          current(time as never)
            .select('role')
            .where('organization_id', '=', organization as never)
            .where('user_id', '=', user as never),
      );
      return chain(found, ([row]) => row?.role ?? null);
    },
    ofUser: (userId, now) =>
      chain(allOf(userId), (found) => found.filter(({ expires_at: end }) => end === null || end > now)),
    async oldestOf(userIds, now, but) {
      if (userIds.length === 0) return new Map();
      const rows = await current(now)
        .select(['user_id', 'organization_id'])
        .where('user_id', 'in', userIds)
        .$if(but !== null, (query) => query.where('organization_id', '<>', but))
        .orderBy('created_at', 'desc')
        .orderBy('organization_id', 'desc')
        .execute();
      // The last one of a user wins: the oldest.
      return new Map(rows.map((row) => [row.user_id, row.organization_id]));
    },
    async hasLastingOwner(organizationId, but) {
      const row = await db
        .selectFrom('organization_memberships')
        .innerJoin('users', 'users.id', 'organization_memberships.user_id')
        .select('users.id')
        .where('organization_memberships.organization_id', '=', organizationId)
        .where('organization_memberships.role', '=', 'owner')
        .where('organization_memberships.user_id', '<>', but)
        .where('organization_memberships.expires_at', 'is', null)
        .where('users.account_access_expires_at', 'is', null)
        .limit(1)
        // The other owner stays until this transaction ends.
        .$if(engine.locksRows, (select) => select.forShare('organization_memberships'))
        .executeTakeFirst();
      return row !== undefined;
    },
    ended: (now, limit) =>
      db
        .selectFrom('membership_ends')
        .innerJoin('organization_memberships', 'organization_memberships.id', 'membership_ends.membership_id')
        .select(['membership_ends.membership_id as id', 'organization_memberships.user_id as userId'])
        .where('membership_ends.expires_at', '<=', now)
        .orderBy('membership_ends.expires_at')
        .limit(limit)
        .execute(),
    async setFollowed(ids, now) {
      if (ids.length === 0) return;
      await db
        .deleteFrom('membership_ends')
        .where('membership_id', 'in', ids)
        .where('expires_at', '<=', now)
        .execute();
    },
    lastEnd,
  };
}

/** All memberships of one user. Outside transactions cached until anyone commits, or read with those of other requests. */
function finderOfUser(
  db: Database,
  engine: Engine,
  query: ReturnType<typeof compiledQueries>,
): (userId: number) => Awaitable<readonly OfUser[]> {
  const rows = () =>
    db
      .selectFrom('organization_memberships')
      .select(['user_id', 'organization_id', 'role', 'expires_at'])
      .orderBy('organization_id');
  const find = (userId: number) =>
    query<OfUser>('of user', [userId], ([user]) => rows().where('user_id', '=', user as never));
  if (db !== engine.reader) return find;
  if (engine.queryNow === null)
    return batched(async (userIds: readonly number[]) => {
      const found = await query<OfUser>('of users', [userIds], ([users]) =>
        rows().where(sql<boolean>`user_id = any(${users}::bigint[])`),
      );
      const byUser = Map.groupBy(found, ({ user_id }) => user_id);
      return userIds.map((userId) => byUser.get(userId) ?? []);
    });
  const cache = new CommitScopedCache<number, readonly OfUser[]>(engine);
  return (userId) =>
    cache.get(userId) ??
    chain(find(userId), (found) => {
      cache.set(userId, found);
      return found;
    });
}

type OfUser = Pick<LimitedMembershipRow, 'user_id' | 'organization_id' | 'role' | 'expires_at'>;

/** See Memberships.lastEnd. Outside transactions an answer is cached until anyone commits, or the next end passes. */
function endFinder(db: Database, engine: Engine): Memberships['lastEnd'] {
  const cache = (db as unknown) === engine.reader ? new CommitScopedCache<'ends', Ends>(engine) : null;
  const find = async (now: number): Promise<number> => {
    const ends = db.selectFrom('organization_memberships');
    const { last, next } = await db
      .selectNoFrom([
        ends
          .select(({ fn }) => fn.max('expires_at').as('end'))
          .where('expires_at', '<=', now)
          .as('last'),
        ends
          .select(({ fn }) => fn.min('expires_at').as('end'))
          .where('expires_at', '>', now)
          .as('next'),
      ])
      .executeTakeFirstOrThrow();
    const found = { last: last ?? 0, next: next ?? Number.POSITIVE_INFINITY };
    cache?.set('ends', found);
    return found.last;
  };
  return (now) => {
    const known = cache?.get('ends');
    return known !== undefined && known.last <= now && now < known.next ? known.last : find(now);
  };
}

/** The last end that has passed, and the next one. */
interface Ends {
  readonly last: number;
  readonly next: number;
}

function belongingTo({ organizationId, userId }: MembersOf) {
  return ({ and, eb }: ExpressionBuilder<Schema, 'organization_memberships'>) =>
    and([
      ...(organizationId === null
        ? []
        : [eb('organization_memberships.organization_id', '=', organizationId)]),
      ...(userId === null ? [] : [eb('organization_memberships.user_id', '=', userId)]),
    ]);
}
