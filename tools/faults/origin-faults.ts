// Faults in what accounts of other systems keep of where they have come from, and in how their files are read.

import type { Fault } from '../faults.ts';

const folder = 'src/cli/import-export';
const origins = ['test/cli/origins.test.ts'];
const reading = ['test/cli/read-systems.test.ts'];

export const originFaults: readonly Fault[] = [
  {
    name: 'an account whose address has changed in the other system is imported twice',
    file: 'src/resources/users/insert-imported.ts',
    find: 'const unknown = await withoutKnown(transaction, given, outcomes);',
    replace: 'const unknown = given;',
    tests: origins,
  },
  {
    name: 'a dry run counts two rows with one id of the other system as two accounts',
    file: 'src/resources/users/rehearse-import.ts',
    find: 'if (key !== null) seen.add(key);',
    replace: '',
    tests: origins,
  },
  {
    name: 'an account is lost whose address another account of the same system has',
    file: 'src/resources/users/insert-imported.ts',
    find: "if (other === undefined) return 'existing';",
    replace: "if (other !== null) return 'existing';",
    tests: origins,
  },
  {
    name: 'an organization of the other system is made for each batch',
    file: 'src/resources/users/insert-imported.ts',
    find: 'if (known.has(key)) continue;',
    replace: '',
    tests: origins,
  },
  {
    name: 'a member of an organization of the other system has no default organization',
    file: 'src/resources/users/read-imported-memberships.ts',
    find: 'if (!isNull) defaultOrigin = first?.organization_origin ?? null;',
    replace: '',
    tests: origins,
  },
  {
    name: 'people do not show the id of the other system',
    file: 'src/store/migrations/0027-origins.ts',
    find: '(SELECT external_id FROM origins WHERE origins.user_id = users.id)',
    replace: 'NULL',
    tests: origins,
  },
  {
    name: 'a list of the same name, deeper in an object of JSON, is taken for that of the accounts',
    file: `${folder}/files/json-members.ts`,
    find: 'path.every((name, i) => one[i] === name)',
    replace: 'one.at(-1) === path.at(-1)',
    tests: reading,
  },
  {
    name: 'an escaped quote ends a text around the accounts',
    file: `${folder}/files/json-members.ts`,
    find: 'else if (byte === backslash) isEscaped = true;',
    replace: '',
    tests: reading,
  },
  {
    name: 'a file of another system is read where only its names are too many',
    file: `${folder}/from-system.ts`,
    find: 'const isOther = other !== null && other !== own;',
    replace: 'const isOther = false;',
    tests: ['test/cli/recognized-systems.test.ts'],
  },
  {
    name: 'a file of refused accounts has no groups and organizations',
    file: `${folder}/import.ts`,
    find: "if ('skipped' in record && record.isContext)",
    replace: "if ('skipped' in record && !record.isContext)",
    tests: ['test/cli/rejects-of-systems.test.ts'],
  },
  {
    name: 'the apostrophes in CSV of Auth0 become part of names and ids',
    file: `${folder}/systems/auth0.ts`,
    find: ".replace(/^'/, '')",
    replace: '',
    tests: ['test/moving-in/auth0.test.ts'],
  },
];
