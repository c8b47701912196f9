// Who makes a request.

export type Power = 'manage_users' | 'manage_organizations' | 'manage_security';

export const powers: readonly Power[] = ['manage_users', 'manage_organizations', 'manage_security'];

export type Role = 'owner' | 'admin' | 'member';

export const roles: readonly Role[] = ['owner', 'admin', 'member'];

export interface Actor {
  readonly userId: number;
  readonly tokenId: number;
  readonly sysadmin: boolean;
  /** Empty unless a sysadmin. */
  readonly powers: readonly Power[];
}

/**
 * The powers that an account holds: permissions of one that is no sysadmin are none.
 * @param account a row of `users`, its permissions as JSON text
 */
export function powersOf(account: Readonly<Record<string, unknown>>): readonly Power[] {
  const { sysadmin, sysadmin_permissions: permissions } = account;
  return sysadmin === true && typeof permissions === 'string' ? JSON.parse(permissions) : [];
}
