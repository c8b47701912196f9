// Faults in what `users import` reads, and in what it says and keeps of refused rows.

import type { Fault } from '../faults.ts';

const folder = 'src/cli/import-export';
const reading = ['test/cli/read-files.test.ts'];
const readingJson = ['test/cli/read-json-values.test.ts'];
const refusing = ['test/cli/import-rejects.test.ts'];

export const importFaults: readonly Fault[] = [
  {
    name: 'a delimiter inside quotes of the header line counts',
    file: `${folder}/files/delimiter.ts`,
    find: 'text.replaceAll(/"[^"]*"?/g, \'\')',
    replace: 'text',
    tests: reading,
  },
  {
    name: 'the line that names the delimiter is read as the header line',
    file: `${folder}/files/delimiter.ts`,
    find: 'read.filter((line) => line !== first)',
    replace: 'read',
    tests: reading,
  },
  {
    name: 'a header line without a required column is accepted',
    file: `${folder}/own-accounts.ts`,
    find: 'requiredColumns.filter((name) => !own.includes(name))',
    replace: 'requiredColumns.filter(() => false)',
    tests: reading,
  },
  {
    name: 'two members that are the same attribute overwrite each other',
    file: `${folder}/own-accounts.ts`,
    find: "if (fields.has(own === wholeName ? 'first_name' : own))",
    replace: "if (fields.has(own === wholeName ? 'first_name' : own) && own === '')",
    tests: ['test/cli/import-rules.test.ts'],
  },
  {
    name: 'a name is split at its first space',
    file: `${folder}/column-map.ts`,
    find: '/\\s+(?=\\S+$)/',
    replace: '/(?<=^\\S+)\\s+/',
    tests: reading,
  },
  {
    name: 'an escaped quote ends a text in a list of JSON',
    file: `${folder}/files/json-values.ts`,
    find: 'else if (byte === backslash) isEscaped = true;',
    replace: '',
    tests: readingJson,
  },
  {
    name: 'a list of JSON that is cut off between objects seems complete',
    file: `${folder}/files/json-values.ts`,
    find: "else if (isList && (place === 'before' || place === 'between'))",
    replace: "else if (isList && place === 'before')",
    tests: readingJson,
  },
  {
    name: 'an object in a list that is not closed contains the objects after it',
    file: `${folder}/files/json-values.ts`,
    find: 'if (closers.length > 0 && !isExpected)',
    replace: 'if (closers.length > 99 && !isExpected)',
    tests: readingJson,
  },
  {
    name: 'a dry run forgets the rows before',
    file: 'src/resources/users/rehearse-import.ts',
    find: "seen.add(account.emailKey, key ?? '');",
    replace: '',
    tests: refusing,
  },
  {
    name: 'two batches that share an account are written at once',
    file: 'src/resources/users/check-batch.ts',
    find: '!batch.keys.isDisjointFrom(other.keys)',
    replace: 'false',
    tests: ['test/cli/import-order.test.ts'],
  },
  {
    name: 'a dry run writes',
    file: `${folder}/import.ts`,
    find: 'isRehearsal: dryRun,',
    replace: '',
    tests: refusing,
  },
  {
    name: 'every refused row is printed',
    file: `${folder}/refusals.ts`,
    find: 'if (++rows <= shownRows) {',
    replace: 'if (++rows > 0) {',
    tests: refusing,
  },
  {
    name: 'a row that cannot be read is kept as one that can',
    file: `${folder}/rejects.ts`,
    find: "(i === 0 ? original.text.replace(/\\r$/, '') : '')",
    replace: "(i === 0 ? 'a@x.com' : 'x')",
    tests: refusing,
  },
  {
    name: 'the reasons of refused rows pile up when they are refused again',
    file: `${folder}/rejects.ts`,
    find: '(i) => knownColumn(head[i]!) !== reasonsColumn',
    replace: '(i) => i >= 0',
    tests: refusing,
  },
];
