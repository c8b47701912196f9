// Who reads the development mailbox, as the contract says.

import { holds } from '../accounts.ts';
import type { RouteExpectation } from '../expectation.ts';

export const mailRoutes: Readonly<Record<string, RouteExpectation>> = {
  listMailbox: {
    of: 'mailbox',
    does: 'list reports',
    isFor: ({ account }) => holds(account, 'manage_security'),
  },
};
