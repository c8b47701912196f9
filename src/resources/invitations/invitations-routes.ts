// The routes of invitations for those who invite.

import { ApiError } from '../../errors.ts';
import { managesOrganizations } from '../../model/actor.ts';
import { deleteOperation } from '../operations/delete.ts';
import { listOperation } from '../operations/list.ts';
import { organizations } from '../organizations/organizations.ts';
import { administrator as administratorOfOrganization } from '../organizations/organizations-access.ts';
import type { Route } from '../route.ts';
import { invitationRules } from './invitation-rules.ts';
import { invitations } from './invitations.ts';
import { invitationsAccess } from './invitations-access.ts';
import { invitationCreation } from './invite.ts';
import { resend } from './resend.ts';

/** Properties of routes for the invitations of one organization. */
const ofOrganization = {
  parameters: { id: 'id' },
  target: { resource: organizations, parameter: 'id' },
} as const;

/** Properties of routes for one invitation. */
const ofInvitation = {
  parameters: { id: 'id' },
  target: { resource: invitations, parameter: 'id' },
} as const;

export const invitationsRoutes: readonly Route[] = [
  {
    name: 'listInvitationsOfOrganization',
    method: 'GET',
    path: '/api/v2/organizations/{id}/invitations',
    auth: 'token',
    ...ofOrganization,
    body: 'none',
    operation: listOperation(invitationsAccess, {
      under: 'organization',
      requireMayList(actor, audience) {
        if (!managesOrganizations(actor) && (audience & administratorOfOrganization) === 0)
          throw new ApiError('access_denied');
      },
      visible: () => null,
    }),
    resource: invitations,
    policy: 'Owners and admins of the organization, and sysadmins with manage_organizations.',
    description:
      'Lists the invitations of an organization that are not accepted, also those whose link is not valid any more.',
    answers: 'collection',
  },
  {
    name: 'createInvitation',
    method: 'POST',
    path: '/api/v2/organizations/{id}/invitations',
    auth: 'token',
    ...ofOrganization,
    body: 'document',
    creation: invitationCreation,
    resource: invitations,
    policy:
      'Owners and admins of the organization, and sysadmins with manage_organizations. Admins invite members only.',
    description:
      'Invites somebody to an organization, by a mail with a link. The Location is the list with this invitation alone.',
    answers: 'created',
  },
  {
    name: 'resendInvitation',
    method: 'PUT',
    path: '/api/v2/invitations/{id}/resend',
    auth: 'token',
    ...ofInvitation,
    body: 'none',
    operation: resend,
    resource: invitations,
    policy:
      'Owners of the organization, and sysadmins with manage_organizations. Admins, if the role is `member`.',
    description: 'Sends an invitation again, with a new link. The older links are not valid any more.',
    answers: 'nothing',
  },
  {
    name: 'deleteInvitation',
    method: 'DELETE',
    path: '/api/v2/invitations/{id}',
    auth: 'token',
    ...ofInvitation,
    body: 'none',
    operation: deleteOperation(invitationRules),
    resource: invitations,
    policy:
      'Owners of the organization, and sysadmins with manage_organizations. Admins, if the role is `member`.',
    description:
      'Takes an invitation back: its link is not valid any more. The person is deleted too, unless it has been a member.',
    answers: 'nothing',
  },
];
