// The recipe for Auth0: the bulk export as JSON and CSV, the export of hashes, and the file of a bulk import.

import { movesIn } from '../support/moving-in.ts';

const password = 'correct horse battery';

movesIn({
  section: 'Auth0',
  files: {
    'users.json': 'auth0-export.json',
    'users.csv': 'auth0-export.csv',
    'hashes.json': 'auth0-hashes.json',
    'bulk-import.json': 'auth0-import.json',
  },
  people: {
    'ann@example.com': {
      name: ['Ann', 'Lee'],
      from: ['auth0', 'auth0|5f7c1e2a9b1e8a0069d4c1b7'],
      verified: true,
      created: '2020-10-06T07:33:30.512Z',
      memberships: [['Acme Ltd', 'member']],
      details: {
        username: 'ann',
        user_metadata: { country: 'HR', newsletter: true },
        // Without the secret.
        app_metadata: { plan: 'pro', roles: ['editor'], stripe: { customer_id: 'cus_9s6XKzkNRiz8i3' } },
        logins_count: 312,
      },
    },
    'bob.ray@example.org': {
      name: ['Bob', 'Ray'],
      from: ['auth0', 'google-oauth2|103547991597142817347'],
      verified: true,
      created: '2022-02-03T04:05:06.007Z',
      details: {
        identities: [
          {
            provider: 'google-oauth2',
            expires_in: 3599,
            user_id: '103547991597142817347',
            connection: 'google-oauth2',
            isSocial: true,
          },
        ],
      },
    },
    'cy-van_der.berg@example.com': {
      name: ['cy-van_der', 'berg'],
      from: ['auth0', 'auth0|61aa0c3be7d3f5006f1f2d11'],
      verified: false,
      locked: 'now',
      created: '2021-12-03T12:24:27.000Z',
      details: { blocked: true, picture: 'no picture' },
    },
    'dee@example.com': {
      name: ['Dee', "O'Neil"],
      from: ['auth0', 'auth0|63cc2e5d09f5b70071b4f333'],
      verified: false,
      locked: 'now',
      created: '2022-10-08T01:02:03.004Z',
      details: { 'user_metadata.country': '=1+1' },
    },
    'eve_stone@example.com': {
      name: ['eve', 'stone'],
      from: ['auth0', 'auth0|crm-77'],
      verified: false,
      password,
      details: { connection: 'Username-Password-Authentication' },
    },
    'fay@example.com': {
      name: ['Fay', 'Kim'],
      from: ['auth0', 'auth0|65ee4071b2170d0073d6b555'],
      verified: true,
      password,
      details: { app_metadata: { plan: 'free' } },
    },
    'gus@example.com': { name: ['Gus de la', 'Cruz'], from: ['auth0', null], verified: null, password },
    'hal@example.com': { name: ['hal', '9000'], from: ['auth0', null], verified: null, password },
    'ida@example.com': { name: ['ida', 'ida'], from: ['auth0', null], verified: null, password },
    'jo@example.com': {
      name: ['jo', 'jo'],
      from: ['auth0', null],
      verified: null,
      locked: 'now',
      password,
      details: { mfa_factors: undefined, custom_password_hash: undefined },
    },
    'kit@example.com': { name: ['kit', 'kit'], from: ['auth0', null], verified: null, password },
  },
});
