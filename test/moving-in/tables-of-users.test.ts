// A second application of one kind, with its own first user.

import { movesIn } from '../support/moving-in.ts';

movesIn({
  section: 'Tables of users',
  files: { 'shop.json': 'laravel-shop.json' },
  people: {
    'eve@shop.example': {
      name: ['Eve', 'Lee'],
      from: ['shop', '1'],
      verified: null,
      created: '2024-05-06T07:08:09.000Z',
    },
  },
});
