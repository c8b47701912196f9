// Joining by a link: no table of its own.

import type { RouteExpectation } from '../expectation.ts';

export const invitationLinkRoutes: Readonly<Record<string, RouteExpectation>> = {
  requestInvitation: { of: 'invitations', does: 'ask for a link' },
  showInvitation: { of: 'invitations', does: 'show a link' },
  acceptInvitation: { of: 'invitations', does: 'join by a link' },
};
