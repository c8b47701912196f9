// The recipe for ASP.NET Identity: the table AspNetUsers as SQL Server Management Studio saves it.

import { movesIn } from '../support/moving-in.ts';

const id = (n: number) => `8c1f2b0e-5d55-4f3a-9b44-0d1a6c6f2a0${n}`;
const password = 'my password';

movesIn({
  section: 'ASP.NET Identity',
  files: { 'AspNetUsers.csv': 'aspnet.csv' },
  people: {
    // Version 3.
    'ann@aspnet.example': {
      name: ['ann', 'ann'],
      from: ['aspnet', id(1)],
      verified: true,
      password,
      details: {
        UserName: 'ann@aspnet.example',
        PhoneNumber: '+385 91 234 5678',
        TwoFactorEnabled: '1',
        NormalizedEmail: undefined,
        SecurityStamp: undefined,
        ConcurrencyStamp: undefined,
      },
    },
    // Version 2.
    'bea@aspnet.example': {
      name: ['bea', 'berg'],
      from: ['aspnet', id(2)],
      verified: false,
      locked: 'now',
      password,
      details: { LockoutEnd: '9999-12-31 23:59:59.9999999 +00:00' },
    },
    'cy@aspnet.example': {
      name: ['cy', 'cy'],
      from: ['aspnet', id(3)],
      verified: true,
      details: { LockoutEnd: '2024-01-02 03:04:05.1234567 +00:00', AccessFailedCount: '2' },
    },
  },
});
