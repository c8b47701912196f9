// The recipe for WordPress: the table wp_users of a multisite as phpMyAdmin exports it, and what WP-CLI prints.

import { movesIn } from '../support/moving-in.ts';

const password = 'correct horse battery';

movesIn({
  section: 'WordPress',
  files: { 'wp_users.json': 'wordpress.json', 'wp_users.csv': 'wordpress-wp-cli.csv' },
  people: {
    // WordPress 6.8.
    'ann@wordpress.example': {
      name: ["Ann O'Neil &", 'Lee'],
      from: ['wordpress', '1'],
      verified: null,
      created: '2020-01-02T03:04:05.000Z',
      password,
      details: { user_login: 'ann', user_url: 'https://ann.example' },
    },
    // phpass.
    'bea@wordpress.example': {
      name: ['bea', 'berg'],
      from: ['wordpress', '2'],
      verified: null,
      created: '2021-02-03T04:05:06.000Z',
      password,
      details: { user_activation_key: undefined },
    },
    'dee@wordpress.example': {
      name: ['Dee', 'Spam'],
      from: ['wordpress', '4'],
      verified: null,
      locked: 'now',
      created: '2022-03-04T05:06:07.000Z',
      password,
      details: { spam: '1' },
    },
  },
});
