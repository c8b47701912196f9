// Who sees, reads and writes organizations, as the contract says.

import { administers, holds, isSysadmin, type OrganizationName, organizationNames } from '../accounts.ts';
import { type Expectation, type RouteExpectation, rights, type Subject, words } from '../expectation.ts';

export interface OrganizationSubject extends Subject {
  readonly name: OrganizationName;
}

export const organizations: Expectation<OrganizationSubject> = {
  type: 'organizations',
  subjects: organizationNames.map((name) => ({ name })),
  // Those of the caller; all for a sysadmin. X-Organization-Id narrows to one.
  sees: ({ account, header }, { name }) =>
    (header === null || header === name) && (isSysadmin(account) || account.roles[name] !== undefined),
  is({ account, selfService }, organization) {
    const manages = holds(account, 'manage_organizations');
    // Whoever creates one becomes its owner.
    const isNew = organization === null;
    return words({
      creator: selfService || manages,
      owner: isNew || account.roles[organization.name] === 'owner',
      administrator: isNew || administers(account, organization.name),
      manager: manages,
      sysadmin: isSysadmin(account),
    });
  },
  attributes: rights(`
    name                   everyone               administrator manager  administrator manager
    created_at             everyone               -                      -
    updated_at             everyone               -                      -
    subdomain              everyone               administrator manager  administrator manager
    invitation_token       administrator manager  -                      administrator manager
    flags                  everyone               manager                manager
    time_zone              everyone               administrator manager  administrator manager
    avatar_url             everyone               administrator manager  administrator manager
    locale                 everyone               administrator manager  administrator manager
    single_sign_on         everyone               -                      -
    force_two_factor_auth  everyone               -                      -
    force_single_sign_on   everyone               -                      -
  `),
  hidden: ['slug', 'creator_id'],
  notIncluded: ['invitation_token'],
  relationships: {},
  filters: ['id', 'name', 'subdomain'],
  sorts: ['id', 'name', 'created_at', 'updated_at'],
  search: ['name'],
};

export const organizationRoutes: Readonly<Record<string, RouteExpectation>> = {
  listOrganizations: { of: 'organizations', does: 'list' },
  showOrganization: { of: 'organizations', does: 'show' },
  createOrganization: { of: 'organizations', does: 'create', may: ['creator'] },
  updateOrganization: { of: 'organizations', does: 'update', may: ['administrator', 'manager'] },
  deleteOrganization: { of: 'organizations', does: 'delete', may: ['owner', 'manager'] },
};
