// The routes of memberships.

import { ApiError } from '../../errors.ts';
import { creationOf } from '../operations/create.ts';
import { deleteOperation } from '../operations/delete.ts';
import { listOperation } from '../operations/list.ts';
import { showOperation } from '../operations/show.ts';
import { updateOperation } from '../operations/update.ts';
import { organizations } from '../organizations/organizations.ts';
import { administrator as administratorOfOrganization } from '../organizations/organizations-access.ts';
import type { Route } from '../route.ts';
import { users } from '../users/users.ts';
import { membershipRules } from './membership-rules.ts';
import { memberships } from './memberships.ts';
import { membershipsAccess, visibleOwn } from './memberships-access.ts';

/** Properties of routes for one membership. */
const ofMembership = {
  parameters: { id: 'id' },
  target: { resource: memberships, parameter: 'id' },
} as const;

export const membershipsRoutes: readonly Route[] = [
  {
    name: 'listOrganizationMemberships',
    method: 'GET',
    path: '/api/v2/organization_memberships',
    auth: 'token',
    body: 'none',
    operation: listOperation(membershipsAccess, { visible: visibleOwn }),
    resource: memberships,
    policy: 'All accounts, for their own memberships that have not ended.',
    description: "Lists the caller's memberships, the oldest first.",
    answers: 'collection',
  },
  {
    name: 'createOrganizationMembership',
    method: 'POST',
    path: '/api/v2/organization_memberships',
    auth: 'token',
    body: 'document',
    creation: creationOf(membershipRules),
    resource: memberships,
    policy: 'Sysadmins with manage_organizations.',
    description: 'Makes a user a member of an organization.',
    answers: 'created',
  },
  {
    name: 'showOrganizationMembership',
    method: 'GET',
    path: '/api/v2/organization_memberships/{id}',
    auth: 'token',
    ...ofMembership,
    body: 'none',
    operation: showOperation(membershipsAccess),
    resource: memberships,
    policy: 'The member, until the membership ends; owners and admins of the organization, and sysadmins.',
    description: 'Shows a membership.',
    answers: 'record',
  },
  {
    name: 'updateOrganizationMembership',
    method: 'PATCH',
    path: '/api/v2/organization_memberships/{id}',
    auth: 'token',
    ...ofMembership,
    body: 'document',
    operation: updateOperation(membershipRules),
    resource: memberships,
    policy:
      'Owners of the organization, and sysadmins with manage_organizations. Admins, if the role is and stays `member`.',
    description: 'Updates a membership. The last owner without an end stays one.',
    answers: 'record',
  },
  {
    name: 'deleteOrganizationMembership',
    method: 'DELETE',
    path: '/api/v2/organization_memberships/{id}',
    auth: 'token',
    ...ofMembership,
    body: 'none',
    operation: deleteOperation(membershipRules),
    resource: memberships,
    policy:
      'The member; owners of the organization, and sysadmins with manage_organizations; admins, if the role is `member`.',
    description:
      'Removes a member from an organization. The account and the person stay. The last owner without an end stays too.',
    answers: 'nothing',
  },
  {
    name: 'listMembershipsOfOrganization',
    method: 'GET',
    path: '/api/v2/organizations/{id}/organization_memberships',
    auth: 'token',
    parameters: { id: 'id' },
    target: { resource: organizations, parameter: 'id' },
    body: 'none',
    operation: listOperation(membershipsAccess, {
      under: 'organization',
      requireMayList({ sysadmin }, audience) {
        if (!sysadmin && (audience & administratorOfOrganization) === 0) throw new ApiError('access_denied');
      },
      visible: () => null,
    }),
    resource: memberships,
    policy: 'Owners and admins of the organization, and sysadmins.',
    description: 'Lists the memberships in an organization, also those that have ended.',
    answers: 'collection',
  },
  {
    name: 'listMembershipsOfUser',
    method: 'GET',
    path: '/api/v2/users/{id}/organization_memberships',
    auth: 'token',
    parameters: { id: 'id' },
    target: { resource: users, parameter: 'id' },
    body: 'none',
    operation: listOperation(membershipsAccess, { under: 'user' }),
    resource: memberships,
    policy: 'Who sees the user, of its memberships those they see.',
    description: 'Lists the memberships of a user.',
    answers: 'collection',
  },
];
