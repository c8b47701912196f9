// The recipe for Okta: CSV and JSON of the Users API, and the report "Okta Password Health".

import { movesIn } from '../support/moving-in.ts';

movesIn({
  section: 'Okta',
  files: {
    'users.json': 'okta-users.json',
    'users.csv': 'okta-users.csv',
    'OktaPasswordHealth.csv': 'okta-password-health.csv',
  },
  people: {
    'eve@example.com': {
      name: ['Eve', 'Stone'],
      from: ['okta', '00u1k2m3n4p5q6r7s8t9'],
      verified: true,
      created: '2020-10-05T06:07:08.000Z',
      details: {
        status: 'ACTIVE',
        department: 'Research, Zagreb',
        _links: undefined,
        credentials: {
          emails: [{ value: 'eve@example.com', status: 'VERIFIED', type: 'PRIMARY' }],
          recovery_question: { question: 'Who?' },
          provider: { type: 'OKTA', name: 'OKTA' },
        },
      },
    },
    'hal@example.com': {
      name: ['Hal', 'Ito'],
      from: ['okta', '00u4k2m3n4p5q6r7s8t9'],
      verified: false,
      created: '2024-01-05T06:07:08.000Z',
      details: { status: 'STAGED' },
    },
    'fay@example.com': {
      name: ['Fay', 'Kim'],
      from: ['okta', '00u2k2m3n4p5q6r7s8t9'],
      verified: null,
      locked: '2023-05-06T07:08:09.000Z',
      created: '2021-10-05T06:07:08.000Z',
      details: { 'profile.login': 'fay.kim', 'profile.timezone': 'Mars/Olympus', 'profile.locale': 'en' },
    },
    'gus@example.com': {
      name: ['Gus', 'Li'],
      from: ['okta', '00u3k2m3n4p5q6r7s8t9'],
      verified: null,
      created: '2022-10-05T06:07:08.000Z',
      details: { status: 'LOCKED_OUT' },
    },
    'bob.ray@example.com': {
      name: ['Bob de', 'Ray'],
      from: ['okta', null],
      verified: null,
      created: '2021-02-03T04:05:06.000Z',
      details: { Login: 'bob.ray@example.com', Status: 'Password reset', 'Authentication Source': 'Okta' },
    },
    'cy@example.com': {
      name: ['Cy', 'Fox'],
      from: ['okta', null],
      verified: null,
      locked: 'now',
      created: '2019-01-02T03:04:05.000Z',
    },
  },
});
