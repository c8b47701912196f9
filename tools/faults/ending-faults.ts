// Faults around memberships that end.

import type { Fault } from '../faults.ts';

const lookups = ['test/store/accounts-contract.test.ts'];
const ending = ['test/spec/memberships/ending.test.ts'];
const included = ['test/spec/memberships/ending-included.test.ts'];
const waiting = ['test/spec/memberships/ending-while-waiting.test.ts'];
const following = ['test/spec/memberships/following-ends.test.ts'];
const queries = ['test/store/queries.test.ts'];

const inMemberships = 'src/store/accounts/memberships.ts';
const inFollowEnds = 'src/resources/memberships/follow-ends.ts';
const inUsersAccess = 'src/resources/users/users-access.ts';

export const endingFaults: readonly Fault[] = [
  {
    name: 'the roles of a caller contain one in the millisecond of its end',
    file: inMemberships,
    find: 'end === null || end > now)',
    replace: 'end === null || end >= now)',
    tests: ending,
  },
  {
    name: 'a membership gives rights in the millisecond of its end',
    file: inMemberships,
    find: "where('expires_at', 'is', null), where('expires_at', '>', now)",
    replace: "where('expires_at', 'is', null), where('expires_at', '>=', now)",
    tests: ending,
  },
  {
    name: 'the last end that has passed does not contain one of this millisecond',
    file: inMemberships,
    find: ".where('expires_at', '<=', now)\n          .as('last')",
    replace: ".where('expires_at', '<', now)\n          .as('last')",
    tests: ending,
  },
  {
    name: 'the last end is cached until a commit, although another one has passed',
    file: inMemberships,
    find: 'known.last <= now && now < known.next',
    replace: 'known.last <= now',
    tests: ending,
    engine: 'sqlite',
  },
  {
    name: 'the last end is cached for a clock that was set back',
    file: inMemberships,
    find: 'known.last <= now && now < known.next',
    replace: 'now < known.next',
    tests: lookups,
    engine: 'sqlite',
  },
  {
    name: 'the last end is cached in a transaction that changes ends',
    file: inMemberships,
    find: '(db as unknown) === engine.reader ? new',
    replace: '(db as unknown) !== null ? new',
    tests: lookups,
    engine: 'sqlite',
  },
  {
    name: 'a link counts in the millisecond of its end',
    file: 'src/store/sql/filter.ts',
    find: '} > $',
    replace: '} >= $',
    tests: queries,
  },
  {
    name: 'a query of links with an end is compiled as one without',
    file: 'src/store/sql/filter.ts',
    find: "after?.column ?? ''",
    replace: "''",
    tests: queries,
  },
  {
    name: 'members who see each other see ended members of the organization in the header',
    file: inUsersAccess,
    find: 'membersSeeEachOther ? currentMembersOf([organizationId], reads, now)',
    replace: 'membersSeeEachOther ? membersOf([organizationId])',
    tests: ending,
  },
  {
    name: 'members who see each other see ended members',
    file: inUsersAccess,
    find: 'const current = await currentMembersOf(joined, reads, now);',
    replace: 'const current = membersOf(joined);',
    tests: ending,
  },
  {
    name: 'owners who are members elsewhere do not see ended members',
    file: inUsersAccess,
    find: '{ any: [membersOf(administered), current] }',
    replace: '{ any: [await currentMembersOf(administered, reads, now), current] }',
    tests: ending,
  },
  {
    name: 'a filter contains the time of the request',
    file: inUsersAccess,
    find: 'const time = await memberships.lastEnd(now);',
    replace: 'const time = (await memberships.lastEnd(now)) && now;',
    tests: ending,
  },
  {
    name: 'members who see each other see people whose membership has ended',
    file: 'src/resources/people/people-access.ts',
    find: 'chain(memberships.lastEnd(clock()), currentPeople)',
    replace: 'chain(memberships.lastEnd(clock() * 0), currentPeople)',
    tests: included,
  },
  {
    name: 'the roles of a caller contain those that have ended',
    file: 'src/resources/memberships/caller-roles.ts',
    find: 'memberships.ofUser(userId, now)',
    replace: 'memberships.ofUser(userId, now * 0)',
    tests: [...ending, ...included],
  },
  {
    name: 'a list reads the roles of the caller without the time',
    file: 'src/resources/operations/list.ts',
    find: 'callerFactsOf(access, call.actor, store.read, clock())',
    replace: 'callerFactsOf(access, call.actor, store.read, clock() * 0)',
    tests: included,
  },
  {
    name: 'a record is shown by roles without the time',
    file: 'src/resources/operations/show.ts',
    find: 'callerFactsOf(access, call.actor, read, services.clock())',
    replace: 'callerFactsOf(access, call.actor, read, services.clock() * 0)',
    tests: included,
  },
  {
    name: 'a list of the records of another one reads the roles of the caller without the time',
    file: 'src/resources/operations/list-scope.ts',
    find: 'callerFactsOf(access, actor, read, services.clock())',
    replace: 'callerFactsOf(access, actor, read, services.clock() * 0)',
    tests: included,
  },
  {
    name: 'an update decides by roles without the time',
    file: 'src/resources/operations/update.ts',
    find: 'await callerFactsOf(access, actor, reads, clock())',
    replace: 'await callerFactsOf(access, actor, reads, clock() * 0)',
    tests: waiting,
    engine: 'sqlite',
  },
  {
    name: 'a membership that ends after a write has read the roles counts until its commit',
    file: 'src/store/accounts/caller-check.ts',
    find: 'end !== null && end <= now',
    replace: 'end !== null && end <= now * 0',
    tests: waiting,
    engine: 'postgres',
  },
  {
    name: 'an organization whose membership has ended can be chosen as default',
    file: 'src/resources/users/default-organization.ts',
    find: 'memberships.role(id, current.id, now)',
    replace: 'memberships.role(id, current.id, now * 0)',
    tests: ending,
  },
  {
    name: 'the end of any membership takes the default organization away',
    file: inFollowEnds,
    find: 'isCurrent.has(`$',
    replace: 'isCurrent.has(`no $',
    tests: following,
  },
  {
    name: 'a default organization moves, although the membership was extended before the account was locked',
    file: inFollowEnds,
    find: `const holders = await records(users).findManyForUpdate(userIds);
  // Read after the accounts are locked: from then on nobody extends their memberships.
  const current = await memberships.listOf(userIds, now);`,
    replace: `const current = await memberships.listOf(userIds, now);
  const holders = await records(users).findManyForUpdate(userIds);`,
    tests: following,
    engine: 'postgres',
  },
  {
    name: 'ends that were followed are kept',
    file: inFollowEnds,
    find: 'ended.map(({ id }) => id),\n    now,',
    replace: 'ended.map(({ id }) => -id),\n    now,',
    tests: following,
  },
  {
    name: 'the job moves a default organization as the operator',
    file: inFollowEnds,
    find: 'actor: system,',
    replace: "actor: { ...system, kind: 'operator' },",
    tests: following,
  },
  {
    name: 'an end is followed a millisecond late',
    file: inMemberships,
    find: ".where('membership_ends.expires_at', '<=', now)",
    replace: ".where('membership_ends.expires_at', '<', now)",
    tests: following,
  },
  {
    name: 'a later end is forgotten with the one that was followed',
    file: inMemberships,
    find: ".where('membership_id', 'in', ids)\n        .where('expires_at', '<=', now)",
    replace: ".where('membership_id', 'in', ids)",
    tests: following,
    engine: 'postgres',
  },
  {
    name: 'the default organization moves to one whose membership has ended',
    file: inMemberships,
    find: "const rows = await current(now)\n        .select(['user_id', 'organization_id'])",
    replace: "const rows = await current(now * 0)\n        .select(['user_id', 'organization_id'])",
    tests: following,
  },
  {
    name: 'on SQLite an end that is changed is not noted',
    file: 'src/store/migrations/0015-membership-ends.ts',
    find: 'WHEN old.expires_at IS NOT new.expires_at',
    replace: 'WHEN old.expires_at IS NOT NULL AND old.expires_at < new.expires_at',
    tests: following,
    engine: 'sqlite',
  },
  {
    name: 'on PostgreSQL an end that is changed is not noted',
    file: 'src/store/migrations/0015-membership-ends.ts',
    find: 'WHEN (old.expires_at IS DISTINCT FROM new.expires_at)',
    replace: 'WHEN (old.expires_at < new.expires_at)',
    tests: following,
    engine: 'postgres',
  },
];
