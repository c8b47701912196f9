// The recipe for Firebase: the export as JSON and as CSV, with the parameters of its hashes.

import { hashSecretsEnvironment } from '../support/foreign-hashes.ts';
import { movesIn } from '../support/moving-in.ts';

movesIn({
  section: 'Firebase',
  files: {
    'users.json': 'firebase.json',
    'users.csv': 'firebase.csv',
    'hash-config.txt': 'firebase-hash-config.txt',
  },
  settings: hashSecretsEnvironment,
  people: {
    'ann@example.com': {
      name: ['Ann', 'Ångström'],
      from: ['firebase', '7Yc0Wn2bq3Zs8vKp1LxRtUeFhGj2'],
      verified: true,
      created: '2019-03-04T05:05:06.123Z',
      password: 'user1password',
      details: {
        customAttributes: { admin: true, plan: 'pro' },
        lastSignedInAt: '1704164645123',
        phoneNumber: '+431234567',
      },
    },
    'bob.lee@example.com': {
      name: ['bob', 'lee'],
      from: ['firebase', 'a1Bc2De3Fg4Hi5Jk6Lm7No8Pq9Rs'],
      verified: false,
      locked: 'now',
      created: '2020-01-02T03:04:05.000Z',
      password: 'correct horse battery',
      details: { disabled: true },
    },
    'carol@example.com': {
      name: ['Carol van der', 'Berg'],
      from: ['firebase', 'Zz9Yy8Xx7Ww6Vv5Uu4Tt3Ss2Rr1Q'],
      verified: true,
      created: '2023-11-14T22:13:20.000Z',
    },
  },
});
