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
];
