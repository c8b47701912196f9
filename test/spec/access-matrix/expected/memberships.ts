// Who sees, reads and writes memberships, as the contract says.

import type { Role } from '../../../../src/model/actor.ts';
import {
  type Account,
  accounts,
  administers,
  belongs,
  holds,
  isSysadmin,
  type OrganizationName,
  organizationNames,
} from '../accounts.ts';
import {
  type Asker,
  type Expectation,
  type RouteExpectation,
  rights,
  type Subject,
  words,
} from '../expectation.ts';

export interface MembershipSubject extends Subject {
  readonly account: Account;
  readonly organization: OrganizationName;
  readonly role: Role;
  readonly hasEnded: boolean;
}

/** Of the membership, and of the person, of an account in an organization. */
export function nameWithin(account: Account, organization: OrganizationName): string {
  return `${account.name}in${organization}`;
}

const subjects = accounts.flatMap((account) =>
  organizationNames
    .filter((organization) => belongs(account, organization))
    .map((organization) => ({
      name: nameWithin(account, organization),
      account,
      organization,
      role: (account.roles[organization] ?? account.ended[organization])!,
      hasEnded: account.roles[organization] === undefined,
    })),
);

/** From its end on a membership is gone for its holder. */
const isOwn = ({ account }: Asker, membership: MembershipSubject) =>
  membership.account === account && !membership.hasEnded;

export const memberships: Expectation<MembershipSubject> = {
  type: 'organization_memberships',
  subjects,
  sees: (asker, membership) =>
    (asker.header === null || asker.header === membership.organization) &&
    (isSysadmin(asker.account) ||
      administers(asker.account, membership.organization) ||
      isOwn(asker, membership)),
  is({ account }, membership) {
    const manages = holds(account, 'manage_organizations');
    if (membership === null) return words({ manager: manages });
    const { organization } = membership;
    return words({
      member: membership.account === account,
      // An admin changes what is and stays `member`.
      administrator:
        manages ||
        account.roles[organization] === 'owner' ||
        (administers(account, organization) && membership.role === 'member'),
      superior: manages || account.roles[organization] === 'owner',
      manager: manages,
    });
  },
  attributes: rights(`
    created_at  everyone  -        -
    updated_at  everyone  -        -
    role        everyone  manager  superior
    expires_at  everyone  manager  administrator
  `),
  hidden: ['organization_id', 'user_id', 'person_id'],
  notIncluded: [],
  relationships: {
    organization: {
      to: 'organizations',
      isAlwaysLinked: true,
      target: ({ organization }) => organization,
    },
    user: { to: 'users', isAlwaysLinked: false, target: ({ account }) => account.name },
    person: { to: 'people', isAlwaysLinked: false, target: ({ name }) => name },
  },
  filters: ['id', 'organization_id', 'user_id', 'person_id', 'role', 'expires_at'],
  sorts: ['id', 'created_at', 'updated_at', 'expires_at'],
  search: [],
};

export const membershipRoutes: Readonly<Record<string, RouteExpectation>> = {
  listOrganizationMemberships: { of: 'organization_memberships', does: 'list', contains: isOwn },
  listMembershipsOfOrganization: {
    of: 'organization_memberships',
    does: 'list',
    under: {
      type: 'organizations',
      may: ['administrator', 'sysadmin'],
      of: ({ organization }: MembershipSubject) => organization,
    },
  },
  listMembershipsOfUser: {
    of: 'organization_memberships',
    does: 'list',
    under: {
      type: 'users',
      may: ['everyone'],
      of: ({ account }: MembershipSubject) => account.name,
    },
  },
  showOrganizationMembership: { of: 'organization_memberships', does: 'show' },
  createOrganizationMembership: { of: 'organization_memberships', does: 'create', may: ['manager'] },
  updateOrganizationMembership: { of: 'organization_memberships', does: 'update', may: ['administrator'] },
  // Leaving is deleting one's own.
  deleteOrganizationMembership: {
    of: 'organization_memberships',
    does: 'delete',
    may: ['administrator', 'member'],
  },
};
