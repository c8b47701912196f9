// The actor of an operation: an account that makes a request, or a superuser (the command line, or the service
// itself).

export type Power = 'manage_users' | 'manage_organizations' | 'manage_security';

export const powers: readonly Power[] = ['manage_users', 'manage_organizations', 'manage_security'];

export type Role = 'owner' | 'admin' | 'member';

export const roles: readonly Role[] = ['owner', 'admin', 'member'];

/** Powers, audiences and rank are derived from these fields. */
export type Actor = AccountActor | Superuser;

/**
 * An account: `user` if the request has the token of a sign-in, `token` if it has one of a program. Both have the rights
 * of the account, except what the token itself excludes.
 */
export interface AccountActor {
  readonly kind: 'user' | 'token';
  readonly userId: number;
  readonly sessionId: number;
  /** False also for a token that is bound to an organization. */
  readonly sysadmin: boolean;
  /** Empty if `sysadmin` is false. */
  readonly powers: readonly Power[];
  /** Whether the token may only read. */
  readonly readOnly: boolean;
  /** The organization to which the token is bound, see Call.organizationId; null for none. */
  readonly organizationId: number | null;
  /** Milliseconds since 1970; null for an API token. */
  readonly signedInAt: number | null;
}

/** Not an account; has every right. */
export interface Superuser {
  readonly kind: 'operator' | 'system';
  readonly userId: null;
  readonly sessionId: null;
  readonly sysadmin: true;
  readonly powers: readonly Power[];
}

/** The command line. Anyone who can access the database may use it. */
export const operator: Superuser = {
  kind: 'operator',
  userId: null,
  sessionId: null,
  sysadmin: true,
  powers,
};

/** The service itself, for example at its first start. */
export const system: Superuser = { ...operator, kind: 'system' };

export const managesUsers = ({ powers }: Actor): boolean => powers.includes('manage_users');
export const managesOrganizations = ({ powers }: Actor): boolean => powers.includes('manage_organizations');
export const managesSecurity = ({ powers }: Actor): boolean => powers.includes('manage_security');

/**
 * The powers of an account. An account that is not a sysadmin has none, even if permissions are stored.
 * @param account a row of `users`; its permissions are JSON text
 */
export function powersOf(account: Readonly<Record<string, unknown>>): readonly Power[] {
  const { sysadmin, sysadmin_permissions: permissions } = account;
  return sysadmin === true && typeof permissions === 'string' ? JSON.parse(permissions) : [];
}
