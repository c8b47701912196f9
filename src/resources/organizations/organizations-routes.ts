// The routes of organizations.

import { creationOf } from '../operations/create.ts';
import { deleteOperation } from '../operations/delete.ts';
import { listOperation } from '../operations/list.ts';
import { showOperation } from '../operations/show.ts';
import { updateOperation } from '../operations/update.ts';
import type { Route } from '../route.ts';
import { organizationRules } from './organization-rules.ts';
import { organizations } from './organizations.ts';
import { organizationsAccess } from './organizations-access.ts';

/** Properties of routes for one organization. */
const ofOrganization = {
  parameters: { id: 'id' },
  target: { resource: organizations, parameter: 'id' },
} as const;

export const organizationsRoutes: readonly Route[] = [
  {
    name: 'listOrganizations',
    method: 'GET',
    path: '/api/v2/organizations',
    auth: 'token',
    body: 'none',
    operation: listOperation(organizationsAccess),
    resource: organizations,
    policy: 'All accounts, for the organizations that they are members of; sysadmins, for all.',
    description: 'Lists organizations.',
    answers: 'collection',
  },
  {
    name: 'createOrganization',
    method: 'POST',
    path: '/api/v2/organizations',
    auth: 'token',
    changesCaller: true,
    body: 'document',
    creation: creationOf(organizationRules),
    resource: organizations,
    policy:
      'Sysadmins with manage_organizations. With MUSTER_SELF_SERVICE_ORGANIZATIONS all accounts, each for at most 5 organizations.',
    description: 'Creates an organization. The caller becomes its owner.',
    answers: 'created',
  },
  {
    name: 'showOrganization',
    method: 'GET',
    path: '/api/v2/organizations/{id}',
    auth: 'token',
    ...ofOrganization,
    body: 'none',
    operation: showOperation(organizationsAccess),
    resource: organizations,
    policy: 'Members of the organization, and sysadmins.',
    description: 'Shows an organization.',
    answers: 'record',
  },
  {
    name: 'updateOrganization',
    method: 'PATCH',
    path: '/api/v2/organizations/{id}',
    auth: 'token',
    ...ofOrganization,
    body: 'document',
    operation: updateOperation(organizationRules),
    resource: organizations,
    policy: 'Owners and admins of the organization, and sysadmins with manage_organizations.',
    description: 'Updates an organization.',
    answers: 'record',
  },
  {
    name: 'deleteOrganization',
    method: 'DELETE',
    path: '/api/v2/organizations/{id}',
    auth: 'token',
    changesCaller: true,
    ...ofOrganization,
    body: 'none',
    operation: deleteOperation(organizationRules),
    resource: organizations,
    policy: 'Owners of the organization, and sysadmins with manage_organizations.',
    description: 'Deletes an organization and all memberships in it. The accounts stay.',
    answers: 'nothing',
  },
];
