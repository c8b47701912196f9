// The recipe for Supabase: the table auth.users as CSV and as JSON.

import { hashSecretsEnvironment } from '../support/foreign-hashes.ts';
import { movesIn } from '../support/moving-in.ts';

const id = (n: number) => `3f2a9c10-7b1d-4e5f-8a90-00000000000${n}`;

movesIn({
  section: 'Supabase',
  files: { 'users.csv': 'supabase.csv', 'users.json': 'supabase.json' },
  settings: hashSecretsEnvironment,
  people: {
    // bcrypt.
    'ann@example.com': {
      name: ['Ann', 'Ångström'],
      from: ['supabase', id(1)],
      verified: true,
      created: '2019-03-04T05:05:06.123Z',
      password: 'correct horse battery',
      details: {
        last_sign_in_at: '2024-05-06 07:08:09.1+00',
        raw_app_meta_data: { provider: 'email', providers: ['email', 'google'] },
      },
    },
    // argon2.
    'bob.lee@example.com': {
      name: ['bob', 'lee'],
      from: ['supabase', id(2)],
      verified: false,
      locked: 'now',
      created: '2020-01-02T03:04:05.000Z',
      password: 'correct horse battery',
      details: { banned_until: '2126-01-02 03:04:05+00' },
    },
    // Taken over from Firebase.
    'carol@example.com': {
      name: ['Carol', 'van der Berg'],
      from: ['supabase', id(3)],
      verified: true,
      created: '2021-01-02T03:04:05.000Z',
      password: 'user1password',
      details: { banned_until: '2027-01-02 03:04:05+00', is_super_admin: true },
    },
    'erik@example.com': {
      name: ['Erik', 'Berg'],
      from: ['supabase', id(4)],
      verified: true,
      created: '2022-01-02T03:04:05.000Z',
    },
  },
});
