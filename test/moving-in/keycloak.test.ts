// The recipe for Keycloak: the export of a realm in one file, and in a folder of files that are joined.

import { movesIn } from '../support/moving-in.ts';

const password = 'correct horse battery';
const id = (n: number) => `1f6a0b5e-6a2b-4c1f-8d2e-0c5c3a1b2d0${n}`;

movesIn({
  section: 'Keycloak',
  files: {
    'customers-realm.json': 'keycloak-realm.json',
    'customers.jsonl': 'keycloak-joined.jsonl',
  },
  people: {
    'Ann@example.com': {
      name: ['Ann', 'Ångström'],
      from: ['keycloak', id(1)],
      verified: true,
      created: '2019-03-04T05:05:06.123Z',
      password,
      memberships: [
        ['Acme GmbH', 'member'],
        ['Globex', 'member'],
      ],
      details: {
        username: 'ann',
        attributes: { phoneNumber: ['+43 1 234567', '+43 660 1234567'] },
        groups: ['/staff', '/staff/vienna'],
      },
    },
    // argon2.
    'bob@example.com': {
      name: ['bob', 'lee'],
      from: ['keycloak', id(2)],
      verified: false,
      locked: 'now',
      created: '2020-01-02T03:04:05.000Z',
      password,
      details: { enabled: false, requiredActions: ['UPDATE_PASSWORD', 'VERIFY_EMAIL'] },
    },
    // pbkdf2-sha512.
    'carol@example.com': {
      name: ['Carol', 'van der Berg'],
      from: ['keycloak', id(3)],
      verified: true,
      created: '2021-01-02T03:04:05.000Z',
      password,
      memberships: [['Acme GmbH', 'member']],
    },
    // pbkdf2 with SHA-1, as Keycloak hashed first.
    'dora@example.com': {
      name: ['Dora', 'Novák'],
      from: ['keycloak', id(4)],
      verified: true,
      created: '2015-01-02T03:04:05.000Z',
      password,
    },
    'erik@example.com': {
      name: ['Erik', 'Berg'],
      from: ['keycloak', id(5)],
      verified: true,
      created: '2023-11-14T22:13:20.000Z',
    },
  },
});
