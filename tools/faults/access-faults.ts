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
    find: 'records.count(query.filter, visible)',
    replace: 'records.count(query.filter, null)',
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
    find: "  if (!isKnown) throw new ApiError('access_denied');\n",
    replace: '  void isKnown;\n',
    tests: matrix('refusing'),
  },
];
