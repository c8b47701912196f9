// Who acts: an account that makes a request, or whoever runs Muster.

export type Power = 'manage_users' | 'manage_organizations' | 'manage_security';

export const powers: readonly Power[] = ['manage_users', 'manage_organizations', 'manage_security'];

export type Role = 'owner' | 'admin' | 'member';

export const roles: readonly Role[] = ['owner', 'admin', 'member'];

/** Powers, audiences and rank follow from what stands here. */
export type Actor = AccountActor | Superuser;

/** An account, `user` by the token of a sign-in, `token` by an API token. The rights of both are those of the account. */
export interface AccountActor {
  readonly kind: 'user' | 'token';
  readonly userId: number;
  readonly tokenId: number;
  readonly sysadmin: boolean;
  /** Empty unless a sysadmin. */
  readonly powers: readonly Power[];
}

/** No account, and with every right. */
export interface Superuser {
  readonly kind: 'operator' | 'system';
  readonly userId: null;
  readonly tokenId: null;
  readonly sysadmin: true;
  readonly powers: readonly Power[];
}

/** The command line: whoever can reach the database. */
export const operator: Superuser = {
  kind: 'operator',
  userId: null,
  tokenId: null,
  sysadmin: true,
  powers,
};

/** The service itself, such as at its first start. */
export const system: Superuser = { ...operator, kind: 'system' };

/**
 * The powers that an account holds: permissions of one that is no sysadmin are none.
 * @param account a row of `users`, its permissions as JSON text
 */
export function powersOf(account: Readonly<Record<string, unknown>>): readonly Power[] {
  const { sysadmin, sysadmin_permissions: permissions } = account;
  return sysadmin === true && typeof permissions === 'string' ? JSON.parse(permissions) : [];
}
