// The recipe for Rails with Devise: the table users with a pepper.

import { hashSecretsEnvironment } from '../support/foreign-hashes.ts';
import { movesIn } from '../support/moving-in.ts';

const password = 'correct horse battery';

movesIn({
  section: 'Rails with Devise',
  files: { 'users.csv': 'devise.csv' },
  settings: hashSecretsEnvironment,
  people: {
    'ann@devise.example': {
      name: ['Ann', 'Lee'],
      from: ['devise', '1'],
      verified: true,
      created: '2020-01-02T03:04:05.678Z',
      password,
      details: { sign_in_count: '42', unconfirmed_email: 'ann@new.example', otp_backup_codes: undefined },
    },
    'bea@devise.example': {
      name: ['bea', 'bea'],
      from: ['devise', '2'],
      verified: false,
      locked: '2023-07-08T09:10:11.500Z',
      created: '2021-02-03T04:05:06.000Z',
      password,
      details: { time_zone: 'Eastern Time (US & Canada)', reset_password_token: undefined },
    },
    'cy@devise.example': {
      name: ['Cy', 'Null'],
      from: ['devise', '3'],
      verified: true,
      created: '2022-03-04T05:06:07.000Z',
      details: { provider: 'google_oauth2', uid: '108204268033311374519' },
    },
  },
});
