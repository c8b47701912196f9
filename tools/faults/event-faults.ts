// Faults in the audit trail: its pages, its access and its retention.

import type { Fault } from '../faults.ts';

const walked = ['test/store/walked-pages.test.ts'];
const inWalkedPage = 'src/store/sql/walked-page.ts';

export const eventFaults: readonly Fault[] = [
  {
    name: 'a page that ends at its horizon leaves out the event there',
    file: inWalkedPage,
    find: 'below: horizon + 1 }',
    replace: 'below: horizon }',
    tests: walked,
  },
  {
    name: 'a page that looks at a limited number of events has no next page',
    file: inWalkedPage,
    find: 'next: horizon === null ? null : [horizon] }',
    replace: 'next: null }',
    tests: walked,
  },
  {
    name: 'an alternative that contradicts the filter drops the others with it',
    file: 'src/store/sql/walks.ts',
    find: '(walk) => !isContradicted(walk),',
    replace: '(_, __, all) => !all.some(isContradicted),',
    tests: walked,
  },
  {
    name: 'after the clock was wrong, a filter by time misses events',
    file: 'src/store/sql/id-bounds.ts',
    find: 'row!.late ? none : row!',
    replace: 'row!',
    tests: walked,
  },
  {
    name: 'a late event makes the job delete all events before it',
    file: 'src/store/sql/id-bounds.ts',
    find: ' and not late\n',
    replace: '\n',
    tests: ['test/spec/events/retention.test.ts'],
  },
  {
    name: 'who is not the author reads from where an act came',
    file: 'src/resources/events/events-access.ts',
    find: 'facts?.actor_id === actor.userId',
    replace: 'facts !== undefined',
    tests: ['test/spec/events/reading.test.ts', 'test/spec/access-matrix/reading.test.ts'],
  },
  {
    name: 'administrators see the events of all organizations',
    file: 'src/resources/events/events-access.ts',
    find: 'inOrganizations(rolesWithin(roles, organizationId), isAdministrator)',
    replace: 'inOrganizations(rolesWithin(roles, organizationId))',
    tests: ['test/spec/access-matrix/reading.test.ts'],
  },
  {
    name: 'memberships that end with their account are not recorded',
    file: 'src/resources/users/user-rules.ts',
    find: 'await recordEndedOf(transaction, author, before.id);',
    replace: 'return;',
    tests: ['test/spec/events/every-write.test.ts'],
  },
];
