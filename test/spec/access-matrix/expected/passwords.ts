// New passwords by a link: no table, and nobody is signed in.

import type { RouteExpectation } from '../expectation.ts';

export const passwordRoutes: Readonly<Record<string, RouteExpectation>> = {
  requestPasswordReset: { of: 'passwords', does: 'ask for a link' },
  showPasswordReset: { of: 'passwords', does: 'show a link' },
  resetPassword: { of: 'passwords', does: 'use a link' },
};
