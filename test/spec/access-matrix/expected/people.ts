// Who sees and reads people, as the contract says. Nobody writes them.

import {
  type Account,
  accounts,
  administers,
  belongs,
  isSysadmin,
  type OrganizationName,
  organizationNames,
} from '../accounts.ts';
import { type Expectation, type RouteExpectation, rights, type Subject, words } from '../expectation.ts';
import { nameWithin } from './memberships.ts';

export interface PersonSubject extends Subject {
  readonly account: Account;
  readonly organization: OrganizationName;
  /** Neither has left, nor has the membership ended. */
  readonly isMember: boolean;
}

const subjects = accounts.flatMap((account) =>
  organizationNames
    .filter((organization) => belongs(account, organization) || account.left.includes(organization))
    .map((organization) => ({
      name: nameWithin(account, organization),
      account,
      organization,
      isMember: account.roles[organization] !== undefined,
    })),
);

export const people: Expectation<PersonSubject> = {
  type: 'people',
  subjects,
  sees({ account, header, membersSeeEachOther }, person) {
    const { organization, isMember } = person;
    if (header !== null && header !== organization) return false;
    if (isSysadmin(account) || administers(account, organization)) return true;
    const isSeenByMembers = person.account === account || membersSeeEachOther;
    return isMember && isSeenByMembers && account.roles[organization] !== undefined;
  },
  is: ({ account }, person) =>
    words({
      administrator: person !== null && (isSysadmin(account) || administers(account, person.organization)),
    }),
  attributes: rights(`
    avatar_url         everyone       -  -
    deactivated_at     everyone       -  -
    email              everyone       -  -
    first_name         everyone       -  -
    last_name          everyone       -  -
    joined_at          everyone       -  -
    last_seen_at       administrator  -  -
    invited_at         everyone       -  -
    is_user            everyone       -  -
    user_id            everyone       -  -
    created_at         everyone       -  -
    last_activity_at   administrator  -  -
    two_factor_auth    administrator  -  -
    external_id        everyone       -  -
    role               everyone       -  -
    access_expires_at  everyone       -  -
  `),
  hidden: ['organization_id'],
  notIncluded: [],
  relationships: {
    organization: {
      to: 'organizations',
      isAlwaysLinked: true,
      target: ({ organization }) => organization,
    },
    user: { to: 'users', isAlwaysLinked: false, target: ({ account }) => account.name },
  },
  filters: ['id', 'email', 'user_id', 'organization_id', 'is_user', 'role', 'deactivated_at'],
  sorts: ['id', 'first_name', 'last_name', 'email', 'created_at', 'last_activity_at'],
  search: ['first_name', 'last_name', 'email'],
  mirrors: { type: 'users', of: ({ account }) => account.name },
};

export const personRoutes: Readonly<Record<string, RouteExpectation>> = {
  listPeople: { of: 'people', does: 'list' },
  showPerson: { of: 'people', does: 'show' },
};
