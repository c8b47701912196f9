// Faults in sessions, and in what sessions need of any resource.

import type { Fault } from '../faults.ts';

const scopes = ['test/spec/gadgets/list-scopes.test.ts'];
const listing = ['test/spec/sessions/listing.test.ts'];
const ending = ['test/spec/sessions/ending.test.ts'];
const machine = ['test/spec/sessions/machine-tokens.test.ts'];
const narrow = ['test/spec/sessions/narrow-tokens.test.ts'];
const recorded = ['test/spec/sessions/recorded-sessions.test.ts'];
const renderings = ['test/resources/rendering-cache.test.ts'];

export const sessionFaults: readonly Fault[] = [
  {
    name: 'the tag of a list does not depend on its own meta',
    file: 'src/resources/operations/list.ts',
    find: '    meta,\n    callerFacts,\n    included,\n  ];',
    replace: '    callerFacts,\n    included,\n  ];',
    tests: scopes,
  },
  {
    name: 'a filter of a list applies also to requests that filter by its attribute',
    file: 'src/jsonapi/read-query.ts',
    find: 'isFiltered ? null : byDefault',
    replace: 'byDefault',
    tests: scopes,
  },
  {
    name: 'a filter within a group does not count as a filter by its attribute',
    file: 'src/jsonapi/read-query.ts',
    find: 'return parts.some((part) => names(part, attribute));',
    replace: 'return false;',
    tests: scopes,
  },
  {
    name: 'a secret that is shown once is cached',
    file: 'src/resources/cache/rendering-cache.ts',
    find: 'if (fields !== null || isShownOnce(this.#resource, row))',
    replace: 'if (fields !== null)',
    tests: renderings,
  },
  {
    name: 'each process writes the activity of a session',
    file: 'src/store/accounts/activity.ts',
    find: 'const stored = sql.ref(column);\n  return sql`',
    replace: 'const stored = sql.ref(column);\n  return sql`true or ',
    tests: ['test/store/activity.test.ts'],
  },
  {
    name: 'every request is written as activity',
    file: 'src/resources/activity/activity-collector.ts',
    find: 'lastActivityAt === null || now - lastActivityAt >= sessionStepMs',
    replace: 'lastActivityAt === null || now >= lastActivityAt',
    tests: ['test/resources/activity-collector.test.ts'],
  },
  {
    name: 'a sign-in near its idle limit waits to be written like any other',
    file: 'src/resources/activity/activity-collector.ts',
    find: 'this.#isUrgent ? 0 : collectMs',
    replace: 'collectMs',
    tests: ['test/resources/activity-collector.test.ts'],
  },
  {
    name: 'an organization sees when its people work for another one',
    file: 'src/http/collect-activity.ts',
    find: 'actor.organizationId ?? (isNamed ? readId(String(header)) : null)',
    replace: 'null',
    tests: ['test/spec/people/activity.test.ts'],
  },
  {
    name: 'activity is lost when the service stops',
    file: 'src/resources/activity/activity-collector.ts',
    find: '.then(() => this.flush());',
    replace: '.then(() => {});',
    tests: ['test/resources/activity-collector.test.ts', 'test/cli/activity.test.ts'],
  },
  {
    name: 'sign-ins are deleted though they are not idle for so long',
    file: 'src/resources/sessions/delete-expired-sessions.ts',
    find: 'clock() - idleMs - graceMs',
    replace: 'clock() - idleMs',
    tests: ['test/spec/sessions/expired-sessions.test.ts'],
  },
  {
    name: 'the answer that shows a token may be stored by caches',
    file: 'src/resources/operations/reply.ts',
    find: "isShownOnce(access.resource, row) ? { headers: { 'cache-control': 'no-store' } } : { etag }",
    replace: '{ etag }',
    tests: machine,
  },
  {
    name: 'sessions that have ended are listed',
    file: 'src/resources/sessions/sessions-access.ts',
    find: "endsAfter('token_expires_at', expiredAt)",
    replace: "endsAfter('token_expires_at', Math.min(expiredAt, 0))",
    tests: listing,
  },
  {
    name: 'sign-ins that were idle for too long are listed',
    file: 'src/resources/sessions/sessions-access.ts',
    find: "{ attribute: 'last_activity_at', operator: 'gt', values: [idleSince] }",
    replace: "{ attribute: 'last_activity_at', operator: 'gt', values: [0] }",
    tests: listing,
  },
  {
    name: 'a bound token sees all sessions of its account',
    file: 'src/resources/sessions/sessions-access.ts',
    find: 'if (actor.organizationId !== null) return hasId(actor.sessionId);',
    replace: '',
    tests: narrow,
  },
  {
    name: 'a token that only reads ends other sessions',
    file: 'src/resources/sessions/session-rules.ts',
    find: 'if (actor.userId !== null && actor.readOnly && actor.sessionId !== id)',
    replace: 'if (actor.userId !== null && actor.readOnly && id === 0)',
    tests: narrow,
  },
  {
    name: 'a bound token changes the email of its account',
    file: 'src/resources/users/user-changes.ts',
    find: 'wanted.email !== current.email) requireUnbound(actor);',
    replace: 'wanted.email !== current.email) void requireUnbound;',
    tests: narrow,
  },
  {
    name: 'a sysadmin ends the sessions of accounts with powers that they lack',
    file: 'src/resources/sessions/session-rules.ts',
    find: 'if (user !== null) requireRank(actor, user);',
    replace: 'if (user === null) requireRank(actor, user!);',
    tests: ending,
  },
  {
    name: 'an API token makes further tokens without the password',
    file: 'src/resources/sessions/create-machine-session.ts',
    find: 'return signedInAt === null || clock()',
    replace: 'return signedInAt !== null && clock()',
    tests: machine,
  },
  {
    name: 'a retry is refused or accepted by its password, which is not counted',
    file: 'src/resources/sessions/create-machine-session.ts',
    find: 'hasPasswords: async () => true,',
    replace: "hasPasswords: async (_services, _created, { password }) => password !== 'wrong',",
    tests: machine,
  },
  {
    name: 'a token is bound to an organization whose membership has ended',
    file: 'src/resources/sessions/create-machine-session.ts',
    find: 'return role === null ? undefined :',
    replace: 'return role !== role ? undefined :',
    tests: machine,
  },
  {
    name: 'nothing records that sign-ins were ended',
    file: 'src/resources/sessions/end-other-sign-ins.ts',
    find: 'if (ended === 0) return;',
    replace: 'if (ended >= 0) return;',
    tests: recorded,
  },
  {
    name: 'the session of the token is looked up by the id of the account',
    engine: 'sqlite',
    file: 'src/store/accounts/authentication.ts',
    find: 'findSession!(account.sessionId)',
    replace: 'findSession!(account.userId)',
    tests: listing,
  },
  {
    name: 'a bound token creates an organization',
    file: 'src/resources/organizations/organization-rules.ts',
    find: '    requireUnbound(actor);\n',
    replace: '',
    tests: ['test/spec/sessions/narrow-tokens.test.ts'],
  },
];
