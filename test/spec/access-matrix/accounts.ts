// The organizations and accounts of the access matrix. The accounts are the callers, and what they ask for.

import { type Power, powers, type Role } from '../../../src/model/actor.ts';

export const organizationNames = ['acme', 'globex', 'initech'] as const;

export type OrganizationName = (typeof organizationNames)[number];

type Roles = Readonly<Partial<Record<OrganizationName, Role>>>;

export interface Account {
  readonly name: string;
  /** The roles of its memberships that have not ended. */
  readonly roles: Roles;
  /** The roles of its memberships that have ended. */
  readonly ended: Roles;
  /** The organizations that it has left. */
  readonly left: readonly OrganizationName[];
  /** Null if the account is no sysadmin. */
  readonly powers: readonly Power[] | null;
  /** Its access has ended, so it cannot call anything. */
  readonly hasExpired: boolean;
  /** It has all powers stored, without being a sysadmin, so they have no effect. */
  readonly wasSysadmin: boolean;
  /** It is asked for only: another has the same rights. */
  readonly isNoCaller: boolean;
}

const given: Readonly<Record<string, Partial<Omit<Account, 'name'>>>> = {
  owner: { roles: { acme: 'owner' } },
  coowner: { roles: { acme: 'owner' }, isNoCaller: true },
  admin: { roles: { acme: 'admin' } },
  coadmin: { roles: { acme: 'admin' }, isNoCaller: true },
  member: { roles: { acme: 'member' } },
  fellow: { roles: { acme: 'member' }, isNoCaller: true },
  consultant: { roles: { acme: 'admin', globex: 'member' } },
  foreignowner: { roles: { globex: 'owner' } },
  foreigncoowner: { roles: { globex: 'owner' }, isNoCaller: true },
  foreignmember: { roles: { globex: 'member' } },
  ended: { ended: { acme: 'member' } },
  endedadmin: { roles: { globex: 'member' }, ended: { acme: 'admin' } },
  leaver: { left: ['acme', 'globex'], isNoCaller: true },
  coleaver: { left: ['acme'], isNoCaller: true },
  nobody: {},
  expired: { roles: { acme: 'member' }, hasExpired: true },
  formersysadmin: { wasSysadmin: true },
  sysadmin: { powers: [] },
  insider: { powers: [], roles: { acme: 'member' } },
  usermanager: { powers: ['manage_users'] },
  organizationmanager: { powers: ['manage_organizations'] },
  securitymanager: { powers: ['manage_security'] },
  root: { powers },
  deputy: { powers, roles: { globex: 'member' }, isNoCaller: true },
};

export const accounts: readonly Account[] = Object.entries(given).map(([name, account]) => ({
  name,
  roles: {},
  ended: {},
  left: [],
  powers: null,
  hasExpired: false,
  wasSysadmin: false,
  isNoCaller: false,
  ...account,
}));

export const root = accounts.find(({ name }) => name === 'root')!;

/** The organization of its first membership, which is its default organization. */
export function defaultOf(account: Account): OrganizationName | undefined {
  return organizationNames.find((organization) => belongs(account, organization));
}

/** Whether there is a membership, even one that has ended. */
export function belongs({ roles, ended }: Account, organization: OrganizationName): boolean {
  return roles[organization] !== undefined || ended[organization] !== undefined;
}

export function isSysadmin({ powers }: Account): boolean {
  return powers !== null;
}

export function holds({ powers }: Account, power: Power): boolean {
  return powers?.includes(power) ?? false;
}

export function administers({ roles }: Account, organization: OrganizationName): boolean {
  return ['owner', 'admin'].includes(roles[organization]!);
}
