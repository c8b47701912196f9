// The recipe for Django: dumpdata, and the table auth_user.

import { movesIn } from '../support/moving-in.ts';

const password = 'correct horse battery';

movesIn({
  section: 'Django',
  files: { 'users.json': 'django.json', 'auth_user.csv': 'django.csv' },
  people: {
    // PBKDF2.
    'ann@django.example': {
      name: ['Ann', 'Lee'],
      from: ['django', '1'],
      verified: null,
      created: '2020-01-02T03:04:05.678Z',
      password,
      details: { username: 'ann', is_superuser: true, groups: [1], last_login: '2024-05-06T07:08:09.123Z' },
    },
    // argon2.
    'bea@django.example': {
      name: ['bea.van-der', 'berg'],
      from: ['django', '2'],
      verified: null,
      locked: 'now',
      created: '2021-02-03T04:05:06.000Z',
      password,
      details: { is_active: false },
    },
    'cy@django.example': {
      name: ['Cy "the Hat"', 'NULL'],
      from: ['django', '3'],
      verified: null,
      created: '2022-03-04T05:06:07.500Z',
    },
  },
});
