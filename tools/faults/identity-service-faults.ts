// Faults in what `users import --from` reads of Keycloak, Firebase, Supabase and LDAP directories.

import type { Fault } from '../faults.ts';

const folder = 'src/cli/import-export/systems';
const services = ['test/cli/read-identity-services.test.ts'];
const directories = ['test/cli/read-ldif.test.ts'];

export const identityServiceFaults: readonly Fault[] = [
  {
    name: 'the second organization of a member of Keycloak is forgotten',
    file: `${folder}/keycloak.ts`,
    find: 'else known.push(membership);',
    replace: '',
    tests: services,
  },
  {
    name: 'service accounts of Keycloak are imported as people',
    file: `${folder}/keycloak.ts`,
    find: "if (typeof client === 'string')",
    replace: "if (client === '')",
    tests: services,
  },
  {
    name: 'a one-time password of Keycloak is taken for the password',
    file: `${folder}/keycloak.ts`,
    find: "({ type }) => type === 'password'",
    replace: '() => true',
    tests: services,
  },
  {
    name: 'people without a password come in before a file of Firebase is refused for its hashes',
    file: `${folder}/firebase.ts`,
    find: 'isReadTwice: hashOf === null,',
    replace: '',
    tests: services,
  },
  {
    name: 'the hash parameters of another Firebase project are taken',
    file: `${folder}/firebase-hash.ts`,
    find: 'set !== values.base64_signer_key)',
    replace: "set === '')",
    tests: services,
  },
  {
    name: 'the signer key in a hash of Supabase is stored',
    file: `${folder}/firebase-hash.ts`,
    find: "return hash.replace(whole, '');",
    replace: 'return hash;',
    tests: services,
  },
  {
    name: 'a ban of Supabase that ends by itself locks an account',
    file: `${folder}/supabase.ts`,
    find: 'Date.parse(end) > now + forGoodMs',
    replace: 'Date.parse(end) > now',
    tests: services,
  },
  {
    name: 'the farthest organization above a person of a directory is taken',
    file: `${folder}/directory-survey.ts`,
    find: 'above.map((key) => organizations.get(key)).find(',
    replace: 'above.map((key) => organizations.get(key)).findLast(',
    tests: directories,
  },
  {
    name: 'names of a directory are compared with their escapes',
    file: `${folder}/distinguished-name.ts`,
    find: ".replaceAll(/\\\\(.)/gs, '$1')",
    replace: '',
    tests: directories,
  },
  {
    name: 'a lock that the policy of a directory ends is taken for one without an end',
    file: `${folder}/directory-person.ts`,
    find: 'locked === lockedForGood || locksEnd ? null',
    replace: 'locked === lockedForGood ? null',
    tests: directories,
  },
  {
    name: 'lines of LDIF that go on are lines of their own',
    file: 'src/cli/import-export/files/ldif.ts',
    find: "if (text.startsWith(' ') && before !== undefined) {",
    replace: "if (text.startsWith('\\t') && before !== undefined) {",
    tests: directories,
  },
];
