// The recipe for Laravel: the table users as phpMyAdmin exports it.

import { movesIn } from '../support/moving-in.ts';

const password = 'correct horse battery';

movesIn({
  section: 'Laravel',
  files: { 'users.json': 'laravel.json' },
  people: {
    'ann@laravel.example': {
      name: ['Ann', 'Lee'],
      from: ['laravel', '1'],
      verified: true,
      created: '2020-01-02T03:04:05.000Z',
      password,
      details: {
        current_team_id: '3',
        two_factor_confirmed_at: '2023-02-03 04:05:06',
        two_factor_secret: undefined,
        remember_token: undefined,
      },
    },
    'bea@laravel.example': {
      name: ['Bea Maria van der', 'Berg'],
      from: ['laravel', '2'],
      verified: false,
      created: '2021-02-03T04:05:06.000Z',
      password,
    },
    'cy@laravel.example': {
      name: ['Madonna', 'Madonna'],
      from: ['laravel', '3'],
      verified: true,
      created: '2022-03-04T05:06:07.000Z',
    },
  },
});
