// Links about the address of an account: no table, and nobody is signed in.

import type { RouteExpectation } from '../expectation.ts';

export const emailChangeRoutes: Readonly<Record<string, RouteExpectation>> = {
  showEmailConfirmation: { of: 'email_confirmations', does: 'show a link' },
  confirmEmail: { of: 'email_confirmations', does: 'use a link' },
  showEmailUndo: { of: 'email_undos', does: 'show a link' },
  undoEmail: { of: 'email_undos', does: 'use a link' },
};
