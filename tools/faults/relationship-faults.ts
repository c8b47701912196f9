// Faults in relationships and `include`.

import type { Fault } from '../faults.ts';

const including = ['test/spec/gadgets/including-records.test.ts'];
const related = ['test/spec/gadgets/related-lists.test.ts'];
const restricted = ['test/spec/gadgets/restricted-sorts.test.ts'];
const writing = ['test/spec/gadgets/writing-relationships.test.ts'];

export const relationshipFaults: readonly Fault[] = [
  {
    name: 'include shows what the reader does not see, read from rows',
    file: 'src/resources/operations/include.ts',
    find: 'records.findMany(unknown ?? ids, visible)',
    replace: 'records.findMany(unknown ?? ids)',
    tests: including,
  },
  {
    name: 'include shows what the reader does not see, read from versions',
    file: 'src/resources/operations/include.ts',
    find: 'records.versions(ids, visible)',
    replace: 'records.versions(ids, null)',
    tests: including,
  },
  {
    name: 'the tag of a record does not depend on what is included',
    file: 'src/resources/operations/reply.ts',
    find: 'etag: tagWithIncluded(etag, digest()),',
    replace: 'etag: tagWithIncluded(etag, String(digest().length)),',
    tests: including,
  },
  {
    name: 'the tag of a list does not depend on what is included',
    file: 'src/resources/operations/list.ts',
    find: '    included,\n  ];',
    replace: '    typeof included,\n  ];',
    tests: including,
  },
  {
    name: 'If-Match of a write compares what is included too',
    file: 'src/http/jsonapi/resource-endpoints.ts',
    find: 'reads ? undefined : primaryTag',
    replace: 'undefined',
    tests: including,
  },
  {
    name: 'a record of the primary data is included again',
    file: 'src/resources/operations/include.ts',
    find: '.filter((node) => !isPrimary.has(node))',
    replace: '.filter((node) => !isPrimary.has(node) || node.loaded === null)',
    tests: including,
  },
  {
    name: 'a relationship may be to a record that the caller does not see',
    file: 'src/resources/operations/references.ts',
    find: 'versions([id], visible)',
    replace: 'versions([id], null)',
    tests: writing,
  },
  {
    name: 'the error of a relationship points at an attribute',
    file: 'src/resources/operations/references.ts',
    find: 'relationships.size === 0',
    replace: 'true',
    tests: writing,
  },
  {
    name: 'a record is created by roles that the caller has no more',
    file: 'src/resources/operations/create.ts',
    find: '    await requireSameAudience(access, actor, transaction, clock(), callerFacts);\n',
    replace: '',
    tests: writing,
  },
  {
    name: 'the tag of a list does not depend on the roles of the caller',
    file: 'src/resources/operations/list.ts',
    find: '    callerFacts,\n    included,\n  ];',
    replace: '    included,\n  ];',
    tests: writing,
  },
  {
    name: 'a related list is shown to those who do not see the record that it belongs to',
    file: 'src/resources/operations/list-scope.ts',
    find: 'chain(requireSeen(access, services, call, read, callerFacts), ({ id, facts }) => {',
    replace: 'chain(call.target!, ({ id, facts }) => {',
    tests: related,
  },
  {
    name: 'a cursor of a related list is accepted for another one',
    file: 'src/jsonapi/read-query.ts',
    find: 'const filterKey = () => JSON.stringify(filter);',
    replace: 'const filterKey = () => JSON.stringify(given);',
    tests: related,
  },
  {
    name: 'everyone may sort by what only some may read',
    file: 'src/jsonapi/read-query.ts',
    find: ' && isReadableBy(resource, attribute, audience)',
    replace: '',
    tests: restricted,
  },
  {
    name: 'everyone may filter by what only some may read',
    file: 'src/jsonapi/read-filter.ts',
    find: ' || !isReadableBy(reading.resource, name, reading.audience)',
    replace: '',
    tests: restricted,
  },
];
