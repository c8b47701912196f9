// Faults in what `users import --from` reads of the tables of Django, Laravel, WordPress, Devise and ASP.NET Identity.

import type { Fault } from '../faults.ts';

const folder = 'src/cli/import-export/systems';
const tools = ['test/cli/read-tables.test.ts'];
const frameworks = ['test/cli/read-frameworks.test.ts'];

export const userTableFaults: readonly Fault[] = [
  {
    name: 'the word NULL of SQL Server and MySQL is a value',
    file: `${folder}/table-row.ts`,
    find: "new Set(['', '\\\\N', 'NULL'])",
    replace: "new Set(['', '\\\\N'])",
    tests: tools,
  },
  {
    name: 'a person whose last name is NULL loses it',
    file: `${folder}/table-row.ts`,
    find: "if (members[name] === 'NULL') there[name] = 'NULL';",
    replace: '',
    tests: tools,
  },
  {
    name: 'backslashes that mysql and COPY write stay in values',
    file: 'src/cli/import-export/files/tab-record.ts',
    find: "cell.includes('\\\\')",
    replace: 'false',
    tests: tools,
  },
  {
    name: 'quotes in a file with tabs are part of the values, whoever wrote it',
    file: 'src/cli/import-export/files/csv-records.ts',
    find: '/^[^"]*\\t[^"]*$/.test(firstLine)',
    replace: 'true',
    tests: tools,
  },
  {
    name: 'secrets in columns are kept with the account',
    file: `${folder}/table-row.ts`,
    find: 'withoutSecrets({ ...values.rest(), ...kept })',
    replace: '({ ...values.rest(), ...kept })',
    tests: frameworks,
  },
  {
    name: 'a deleted account comes back',
    file: `${folder}/table-account.ts`,
    find: 'if (gone !== null) return',
    replace: "if (gone === '') return",
    tests: frameworks,
  },
  {
    name: 'an account that is not active can sign in',
    file: `${folder}/table-account.ts`,
    find: 'anyFlag(row, activeColumns, false)',
    replace: 'false',
    tests: frameworks,
  },
  {
    name: 'a lock whose time cannot be read is none',
    file: `${folder}/table-account.ts`,
    find: 'column !== null || anyFlag',
    replace: 'anyFlag',
    tests: frameworks,
  },
  {
    name: 'objects of other models of Django are people',
    file: `${folder}/django.ts`,
    find: 'if (isRow(fields)) return',
    replace: 'if (fields !== null) return',
    tests: frameworks,
  },
  {
    name: 'hashes of Devise lack the mark of the pepper',
    file: `${folder}/devise.ts`,
    find: '`{devise}',
    replace: '`',
    tests: frameworks,
  },
  {
    name: 'names of WordPress are HTML',
    file: `${folder}/wordpress.ts`,
    find: 'tableRow(withoutEntities(members), texts)',
    replace: 'tableRow(members, texts)',
    tests: ['test/moving-in/wordpress.test.ts'],
  },
  {
    name: 'a lockout that ends within the hour locks for ever',
    file: `${folder}/aspnet.ts`,
    find: '> now + yearMs',
    replace: '> now',
    tests: frameworks,
  },
  {
    name: 'a lockout of ASP.NET counts where lockouts are not enabled',
    file: `${folder}/aspnet.ts`,
    find: " || row.flag('LockoutEnabled') === false",
    replace: '',
    tests: frameworks,
  },
  {
    name: 'two applications of one kind share their ids',
    file: 'src/cli/import-export/import.ts',
    find: 'named === undefined ? records : withSource(records, named)',
    replace: 'records',
    tests: ['test/moving-in/tables-of-users.test.ts'],
  },
];
