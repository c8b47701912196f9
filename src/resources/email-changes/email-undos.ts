// What the link that undoes a change of the address shows to whoever holds it.

import * as kind from '../../model/kinds.ts';
import { defineReport } from '../../model/report.ts';

export const emailUndos = defineReport({
  type: 'email_undos',
  hasTokenAsId: true,
  attributes: {
    email: {
      kind: kind.email,
      example: 'ann@example.com',
      description: 'The address that the account gets back.',
    },
    password_needed: {
      kind: kind.boolean,
      example: true,
      description:
        'Whether a new password is needed: the account has none, or got it after the change of the address, so that it becomes void.',
    },
  },
});
