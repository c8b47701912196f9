// What the link to set a new password shows to whoever holds it.

import * as kind from '../../model/kinds.ts';
import { defineReport } from '../../model/report.ts';

export const passwords = defineReport({
  type: 'passwords',
  hasTokenAsId: true,
  attributes: {
    email: {
      kind: kind.email,
      example: 'ann@example.com',
      description: 'The address of the account.',
    },
    first_password: {
      kind: kind.boolean,
      example: false,
      description: 'Whether the account has no password yet.',
    },
  },
});
