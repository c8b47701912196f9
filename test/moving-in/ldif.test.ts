// The recipe for LDAP directories: what slapcat of OpenLDAP and ldifde of Active Directory write.

import { movesIn } from '../support/moving-in.ts';

const password = 'correct horse battery';
const id = (n: number) => `5ac5ae24-7a12-1039-9f4c-6b0f6f2a9d0${n}`;
const guid = (n: number) => `a2fffbd${n}-6891-4aaa-93f1-963c2c6f08c2`;

movesIn({
  section: 'LDAP directories',
  files: { 'directory.ldif': 'openldap.ldif', 'active-directory.ldf': 'active-directory.ldif' },
  people: {
    // {SSHA}.
    'Ann@example.com': {
      name: ['Ann', 'Ångström'],
      from: ['ldif', id(1)],
      verified: null,
      created: '2019-03-04T05:06:07.000Z',
      password,
      memberships: [['Example Ltd', 'member']],
      details: {
        dn: 'uid=ann,ou=People,dc=example,dc=com',
        groups: ['engineering', 'Staff'],
        mail: ['Ann@example.com', 'ann.angstroem@example.com'],
        description:
          'Looks after the directory since 2009; the telephone on the desk is not connected, so please send a mail instead.',
      },
    },
    // {CRYPT}$6$.
    'bob@example.com': {
      name: ['Bob', 'Lee'],
      from: ['ldif', id(2)],
      verified: null,
      locked: '2023-05-06T07:08:09.000Z',
      created: '2020-02-03T04:05:06.000Z',
      password,
      memberships: [['Example Ltd', 'member']],
      details: { pwdAccountLockedTime: '20230506070809Z' },
    },
    // {SSHA512}.
    'carol@acme.example': {
      name: ['Carol', 'van der Berg'],
      from: ['ldif', id(3)],
      verified: null,
      created: '2021-03-04T05:06:07.000Z',
      password,
      memberships: [['Acme GmbH', 'member']],
    },
    // {ARGON2}.
    'dan@example.com': {
      name: ['Dan', 'Dan'],
      from: ['ldif', id(4)],
      verified: null,
      locked: 'now',
      created: '2022-03-04T05:06:07.000Z',
      password,
      memberships: [['Example Ltd', 'member']],
      details: { groups: ['Staff'] },
    },
    // {PBKDF2-SHA256}.
    'eve@example.com': {
      name: ['Eve', 'Novák'],
      from: ['ldif', id(5)],
      verified: null,
      created: '2022-03-04T05:06:07.000Z',
      password,
      memberships: [['Example Ltd', 'member']],
    },
    'Bonnie.Kearney@example.com': {
      name: ['Bonnie', 'Kearney'],
      from: ['ldif', guid(2)],
      verified: null,
      created: '2019-03-04T05:06:07.000Z',
      details: { sAMAccountName: 'bonnie.kearney', groups: ['Front Desk'] },
    },
    'juergen.mueller@example.com': {
      name: ['Jürgen', 'Müller'],
      from: ['ldif', guid(3)],
      verified: null,
      locked: 'now',
      created: '2020-02-03T04:05:06.000Z',
      details: { dn: 'CN=Jürgen Müller,OU=Staff,DC=corp,DC=example,DC=com' },
    },
    'temp.worker@example.com': {
      name: ['Temp', 'Worker'],
      from: ['ldif', guid(4)],
      verified: null,
      locked: '2023-12-27T00:00:00.000Z',
      created: '2021-03-04T05:06:07.000Z',
    },
  },
});
