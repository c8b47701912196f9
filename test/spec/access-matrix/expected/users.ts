// Who sees, reads and writes users, as the contract says.

import {
  type Account,
  accounts,
  administers,
  belongs,
  holds,
  isSysadmin,
  organizationNames,
} from '../accounts.ts';
import { type Asker, type Expectation, type RouteExpectation, rights, words } from '../expectation.ts';

/**
 * Oneself; as an owner or admin of an organization, its members; as a sysadmin, everybody. A plain member sees only
 * themselves, unless members see each other. X-Organization-Id narrows to members of that organization, as seen by
 * the role in it. Members whose membership has ended are seen by owners, admins and sysadmins.
 */
function sees({ account, header, membersSeeEachOther }: Asker, user: Account): boolean {
  if (user === account && !isSysadmin(account)) return true;
  const through = organizationNames.filter(
    (organization) => belongs(user, organization) && (header === null || header === organization),
  );
  if (isSysadmin(account)) return header === null || through.length > 0;
  return through.some(
    (organization) =>
      administers(account, organization) ||
      (membersSeeEachOther &&
        account.roles[organization] !== undefined &&
        user.roles[organization] !== undefined),
  );
}

/** Whether the other account holds no power that this one lacks. */
function outranks(account: Account, user: Account | null): boolean {
  return user === account || (user?.powers ?? []).every((power) => holds(account, power));
}

export const users: Expectation<Account> = {
  type: 'users',
  subjects: accounts,
  sees,
  is: ({ account }, user) =>
    words({
      self: user === account,
      manager: holds(account, 'manage_users'),
      security: holds(account, 'manage_security'),
      securityOfLower: holds(account, 'manage_security') && outranks(account, user),
      // Nobody may change another account that holds a power which they lack.
      superior: holds(account, 'manage_users') && outranks(account, user),
    }),
  attributes: rights(`
    updated_at                 everyone      -         -
    email                      everyone      manager   self manager
    first_name                 everyone      manager   self manager
    last_name                  everyone      manager   self manager
    time_zone                  everyone      manager   self manager
    avatar_url                 everyone      manager   self manager
    default_organization_id    everyone      manager   self manager
    default_organization_slug  everyone      -         -
    intercom_hash              self manager  -         -
    flags                      everyone      manager   manager
    newsletter_consent         everyone      -         self
    newsletter_consent_at      everyone      -         -
    ical_token                 self          -         self
    preferences                everyone      manager   self
    sysadmin                   everyone      security  security
    sysadmin_permissions       everyone      security  security
    two_factor_auth            everyone      -         -
    sso_provision              everyone      -         -
    account_access_expires_at  everyone      manager   manager
    locale                     everyone      manager   self
  `),
  hidden: ['created_at'],
  notIncluded: [],
  relationships: {},
  filters: [
    'id',
    'updated_at',
    'email',
    'first_name',
    'last_name',
    'time_zone',
    'default_organization_id',
    'newsletter_consent',
    'sysadmin',
    'two_factor_auth',
    'sso_provision',
    'account_access_expires_at',
    'locale',
  ],
  sorts: ['id', 'updated_at', 'email', 'first_name', 'last_name', 'account_access_expires_at'],
  search: ['first_name', 'last_name', 'email'],
};

export const userRoutes: Readonly<Record<string, RouteExpectation>> = {
  listUsers: { of: 'users', does: 'list' },
  showUser: { of: 'users', does: 'show' },
  showCaller: { of: 'users', does: 'show caller' },
  createUser: { of: 'users', does: 'create', may: ['manager'] },
  updateUser: { of: 'users', does: 'update', may: ['self', 'superior'] },
  deleteUser: { of: 'users', does: 'delete', may: ['superior'] },
  showUserAccess: { of: 'users', does: 'report', may: ['self', 'manager', 'security'] },
  unlockUser: { of: 'users', does: 'act', may: ['securityOfLower'] },
  updatePassword: { of: 'users', does: 'act', may: ['self'] },
};
