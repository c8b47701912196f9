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
