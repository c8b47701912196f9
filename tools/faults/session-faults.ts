// Faults in sessions, and in what sessions need of any resource.

import type { Fault } from '../faults.ts';

const scopes = ['test/spec/gadgets/list-scopes.test.ts'];
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
    file: 'src/resources/sessions/activity-collector.ts',
    find: 'lastActivityAt === null || now - lastActivityAt >= sessionStepMs',
    replace: 'lastActivityAt === null || now >= lastActivityAt',
    tests: ['test/resources/activity-collector.test.ts'],
  },
  {
    name: 'a sign-in near its idle limit waits to be written like any other',
    file: 'src/resources/sessions/activity-collector.ts',
    find: 'this.#isUrgent ? 0 : collectMs',
    replace: 'collectMs',
    tests: ['test/resources/activity-collector.test.ts'],
  },
  {
    name: 'an organization sees when its people work for another one',
    file: 'src/http/note-activity.ts',
    find: 'actor.organizationId ?? (isNamed ? readId(String(header)) : null)',
    replace: 'null',
    tests: ['test/spec/people/activity.test.ts'],
  },
  {
    name: 'activity is lost when the service stops',
    file: 'src/resources/sessions/activity-collector.ts',
    find: 'await this.flush().catch((cause) => this.#report(log, cause));',
    replace: 'this.#report(null, new Error(String(log)));',
    tests: ['test/resources/activity-collector.test.ts', 'test/cli/activity.test.ts'],
  },
  {
    name: 'sign-ins are deleted though they are not idle for so long',
    file: 'src/resources/sessions/delete-expired-sessions.ts',
    find: 'clock() - idleMs - graceMs',
    replace: 'clock() - idleMs',
    tests: ['test/spec/sessions/expired-sessions.test.ts'],
  },
];
