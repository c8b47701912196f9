// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults of what the store does for any resource.

import type { Fault } from '../faults.ts';

const gadgets = ['test/store/gadgets-contract.test.ts'];
const anyResource = ['test/store/any-resource.test.ts'];
const queries = ['test/store/queries.test.ts'];

export const anyResourceFaults: readonly Fault[] = [
  {
    name: 'a null text is folded',
    file: 'src/store/sql/records.ts',
    find: 'value === null ? null : key(value as string)',
    replace: 'key(value as string)',
    tests: gadgets,
  },
  {
    name: 'a resource without a counter row is empty',
    file: 'src/store/sql/records.ts',
    find: 'if (row!.version === null) throw',
    replace: 'if (row === undefined) throw',
    tests: anyResource,
  },
  {
    name: 'a boolean that is null is false',
    file: 'src/store/sql/records.ts',
    find: 'if (row[name] !== null) row[name]',
    replace: 'row[name]',
    tests: gadgets,
  },
  {
    name: 'a record with the id of the account that changes it is taken for the account',
    file: 'src/store/accounts/caller-check.ts',
    find: "record.resource.type === 'users' && ",
    replace: '',
    tests: gadgets,
    engine: 'postgres',
  },
  {
    name: 'of many rows that are inserted, only the first identity tells them apart',
    file: 'src/store/sql/insert-many.ts',
    find: '...table.identities];',
    replace: '...table.identities.slice(1)];',
    tests: gadgets,
  },
  {
    name: 'a cursor skips what is null in descending order',
    file: 'src/store/sql/after-cursor.ts',
    find: 'descending && nullable ?',
    replace: 'descending && !nullable ?',
    tests: queries,
  },
  {
    name: 'a cursor at null skips every value',
    file: 'src/store/sql/after-cursor.ts',
    find: 'behind: descending ? never :',
    replace: 'behind: !descending ? never :',
    tests: queries,
  },
  {
    name: 'an attribute that is not searched is looked for in the index of texts',
    file: 'src/store/sql/filter.ts',
    find: 'isIndexed(text) && attributes.every((name) => search.includes(name))',
    replace: 'isIndexed(text)',
    tests: queries,
    engine: 'sqlite',
  },
  {
    name: 'a link to nothing shows everything',
    file: 'src/store/sql/filter.ts',
    find: 'if (others.length === 0) return never;',
    replace: 'if (others.length === 0) return always;',
    tests: queries,
  },
  {
    name: 'a start overlooks an index',
    file: 'src/store/sql/missing-parts.ts',
    find: "index('versions', ['id', 'revision']),",
    replace: '',
    tests: anyResource,
  },
  {
    name: 'a start overlooks folded columns',
    file: 'src/store/sql/missing-parts.ts',
    find: ', ...foldedColumns]',
    replace: ']',
    tests: anyResource,
  },
];
