// What the link that confirms a new address shows to whoever holds it.

import * as kind from '../../model/kinds.ts';
import { defineReport } from '../../model/report.ts';

export const emailConfirmations = defineReport({
  type: 'email_confirmations',
  hasTokenAsId: true,
  attributes: {
    email: {
      kind: kind.email,
      example: 'ann@example.org',
      description: 'The address that the account gets.',
    },
  },
});
