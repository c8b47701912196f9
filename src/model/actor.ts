// The actor of an operation: an account that makes a request, or a superuser (the command line, or the service
// itself).

export type Power = 'manage_users' | 'manage_organizations' | 'manage_security';

export const powers: readonly Power[] = ['manage_users', 'manage_organizations', 'manage_security'];

export type Role = 'owner' | 'admin' | 'member';

export const roles: readonly Role[] = ['owner', 'admin', 'member'];

/** Powers, audiences and rank are derived from these fields. */
export type Actor = AccountActor | Superuser;

/**
 * An account: `user` if the request has a session token, `token` if it has an API token. Both have the rights of the
 * account.
 */
export interface AccountActor {
  readonly kind: 'user' | 'token';
  readonly userId: number;
  readonly tokenId: number;
  readonly sysadmin: boolean;
  /** Empty if the account is not a sysadmin. */
  readonly powers: readonly Power[];
}

/** Not an account; has every right. */
export interface Superuser {
  readonly kind: 'operator' | 'system';
  readonly userId: null;
  readonly tokenId: null;
  readonly sysadmin: true;
  readonly powers: readonly Power[];
}

/** The command line. Anyone who can access the database may use it. */
export const operator: Superuser = {
  kind: 'operator',
  userId: null,
  tokenId: null,
  sysadmin: true,
  powers,
};

/** The service itself, for example at its first start. */
export const system: Superuser = { ...operator, kind: 'system' };

/**
 * The powers of an account. An account that is not a sysadmin has none, even if permissions are stored.
 * @param account a row of `users`; its permissions are JSON text
 */
export function powersOf(account: Readonly<Record<string, unknown>>): readonly Power[] {
  const { sysadmin, sysadmin_permissions: permissions } = account;
  return sysadmin === true && typeof permissions === 'string' ? JSON.parse(permissions) : [];
}
