// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in the parts of the store that serve any resource.

import type { Fault } from '../faults.ts';

const gadgets = ['test/store/gadgets-contract.test.ts'];
const anyResource = ['test/store/any-resource.test.ts'];
const queries = ['test/store/queries.test.ts'];

export const anyResourceFaults: readonly Fault[] = [
  {
    name: 'a null text is folded like a string',
    file: 'src/store/sql/stored-rows.ts',
    find: 'value === null ? null : key(value as string)',
    replace: 'key(value as string)',
    tests: gadgets,
  },
  {
    name: 'a missing counter row counts as zero records',
    file: 'src/store/sql/collection-states.ts',
    find: 'if (row === undefined) throw',
    replace:
      'if (row === undefined) return { changeCount: 0, shownCount: 0, rowCount: 0 };\n  if (name === null) throw',
    tests: anyResource,
  },
  {
    name: 'a null boolean is read as false',
    file: 'src/store/sql/stored-rows.ts',
    find: 'if (row[name] !== null) row[name]',
    replace: 'row[name]',
    tests: gadgets,
  },
  {
    name: "a record with the same id as the caller is treated as the caller's account",
    file: 'src/store/accounts/caller-check.ts',
    find: "record.resource.type === 'users' && ",
    replace: '',
    tests: gadgets,
    engine: 'postgres',
  },
  {
    name: 'the first identity column is ignored when many rows are inserted',
    file: 'src/store/sql/insert-many.ts',
    find: '...table.identities];',
    replace: '...table.identities.slice(1)];',
    tests: gadgets,
  },
  {
    name: 'a cursor in descending order skips nulls',
    file: 'src/store/sql/after-cursor.ts',
    find: 'descending && nullable ?',
    replace: 'descending && !nullable ?',
    tests: queries,
  },
  {
    name: 'a cursor at a null skips every value',
    file: 'src/store/sql/after-cursor.ts',
    find: 'behind: descending ? never :',
    replace: 'behind: !descending ? never :',
    tests: queries,
  },
  {
    name: 'a filter on an attribute that is not searchable uses the text index',
    file: 'src/store/sql/filter.ts',
    find: 'isIndexed(text) && attributes.every((name) => search.includes(name))',
    replace: 'isIndexed(text)',
    tests: queries,
    engine: 'sqlite',
  },
  {
    name: 'a link to no other records makes everything visible',
    file: 'src/store/sql/filter.ts',
    find: 'if (values.length === 0) return never;',
    replace: 'if (values.length === 0) return always;',
    tests: queries,
  },
  {
    name: 'the start does not notice a missing index',
    file: 'src/store/sql/missing-parts.ts',
    find: "...(resource.isAppended ? [] : [index('versions', ['id', 'revision'])]),",
    replace: '',
    tests: anyResource,
  },
  {
    name: 'the start does not notice a missing index of a sort or filter',
    file: 'src/store/sql/missing-parts.ts',
    find: 'const valueIndexes = resources.flatMap(valueIndexesOf);',
    replace: 'const valueIndexes: ValueIndex[] = [];',
    tests: anyResource,
  },
  {
    name: 'the start accepts an index that begins with another column',
    file: 'src/store/sql/missing-parts.ts',
    find: 'columns.get(relation)?.[position] === column',
    replace: 'columns.get(relation)?.includes(column)',
    tests: anyResource,
  },
  {
    name: 'the start does not notice missing folded columns',
    file: 'src/store/sql/missing-parts.ts',
    find: ', ...foldedColumns]',
    replace: ']',
    tests: anyResource,
  },
];
