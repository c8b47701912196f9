// Faults in what a caller sees and may do, which the access matrix notices.

import type { Fault } from '../faults.ts';

const matrix = (name: string) => [`test/spec/access-matrix/${name}.test.ts`];

export const accessFaults: readonly Fault[] = [
  {
    name: 'an account without an organization sees all organizations',
    file: 'src/resources/organizations/organizations-access.ts',
    find: 'values.length === 0 ? { any: [] }',
    replace: 'values.length === 0 ? null',
    tests: matrix('reading'),
  },
  {
    name: 'the total of a list counts records that the caller does not see',
    file: 'src/resources/operations/list.ts',
    find: 'records.count(query.filter, visible, client)',
    replace: 'records.count(query.filter, null, client)',
    tests: matrix('finding'),
  },
  {
    name: 'an admin deletes the organization',
    file: 'src/resources/organizations/organization-rules.ts',
    find: "action === 'delete' ? owner : administrator",
    replace: 'administrator',
    tests: matrix('writing'),
  },
  {
    name: 'the error tells a record that is not seen from one that does not exist',
    file: 'src/resources/access.ts',
    find: "      if (!isSeen) throw new ApiError('record_not_found');",
    replace: "      if (!isSeen) throw new ApiError('access_denied');",
    tests: matrix('reading'),
  },
  {
    name: "X-Organization-Id may name an organization that is not the caller's",
    file: 'src/resources/organizations/require-organization.ts',
    find: "  if (!actor.sysadmin) throw new ApiError('access_denied');\n",
    replace: '  if (!actor.sysadmin) return null;\n',
    tests: matrix('refusing'),
  },
  {
    name: 'a plain member lists all memberships of the organization',
    file: 'src/resources/memberships/memberships-routes.ts',
    find: '!sysadmin && (audience & administratorOfOrganization) === 0',
    replace: '!sysadmin && audience + administratorOfOrganization < 0',
    tests: matrix('reading'),
  },
  {
    name: 'a list of the memberships of the caller ignores X-Organization-Id',
    file: 'src/resources/memberships/memberships-access.ts',
    find: "return { all: [equals('user_id', userId), within] };",
    replace: "return equals('user_id', userId);",
    tests: matrix('reading'),
  },
  {
    name: 'an admin changes the membership of an admin or owner',
    file: 'src/resources/memberships/membership-rules.ts',
    find: "(current.role === 'member' ? administrator : 0)",
    replace: 'administrator',
    tests: matrix('writing'),
  },
  {
    name: 'members change their own role',
    file: 'src/resources/memberships/membership-rules.ts',
    find: "(action === 'delete' ? self : 0)",
    replace: 'self',
    tests: matrix('writing'),
  },
  {
    name: 'a plain member sorts people by what they may not read',
    file: 'src/resources/people/people-access.ts',
    find: 'actor.sysadmin || counted.every(isAdministrator)',
    replace: 'actor.sysadmin || counted.length > 0',
    tests: matrix('finding'),
  },
  {
    name: 'members see people whose membership has ended',
    file: 'src/resources/people/people-access.ts',
    find: "endsAfter('access_expires_at', lastEnd)",
    replace: "endsAfter('access_expires_at', Math.min(lastEnd, 0))",
    tests: matrix('reading'),
  },
  {
    name: 'included records show what is never included',
    file: 'src/resources/operations/include.ts',
    find: ' & ~access.resource.audiencesNotIncluded',
    replace: '',
    tests: matrix('including'),
  },
  {
    name: 'who sees an account may ask why it cannot sign in',
    file: 'src/resources/users/show-access.ts',
    find: 'if (actor.userId !== userId &&',
    replace: 'if (actor.userId === userId &&',
    tests: matrix('reading'),
  },
  {
    name: 'access that ends at this moment is not told as ended',
    file: 'src/resources/users/access-reasons.ts',
    find: 'end === null || end > now',
    replace: 'end === null || end >= now',
    tests: ['test/spec/users/sign-in-reasons.test.ts'],
  },
  {
    name: 'a follower of records does not wait for transactions that may still commit smaller ids',
    file: 'src/resources/operations/follow-records.ts',
    find: 'if (!next.writers.some((writer) => current.writers.includes(writer))) {',
    replace: 'if (next.writers.length >= 0) {',
    tests: ['test/resources/follow-records.test.ts'],
    engine: 'postgres',
  },
];
