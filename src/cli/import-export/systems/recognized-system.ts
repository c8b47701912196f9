// Which system a file certainly comes from, by names of columns or members that no other system has together.

import { foldName } from '../column-names.ts';
import type { SystemName } from './systems.ts';

/** For each system, some of its names; all of one list must be there. A system without marks is never recognized. */
const marks: Readonly<Partial<Record<SystemName, readonly (readonly string[])[]>>> = {
  aspnet: [['NormalizedUserName', 'SecurityStamp']],
  auth0: [
    ['user_id', 'identities'],
    ['user_id', 'identities[0].connection'],
    ['email', 'custom_password_hash'],
    ['email', 'app_metadata'],
    ['email', 'user_metadata'],
    ['_id', 'passwordHash', 'password_set_date'],
  ],
  devise: [['encrypted_password', 'reset_password_token']],
  django: [
    ['is_superuser', 'is_staff', 'date_joined'],
    ['model', 'pk', 'fields'],
  ],
  firebase: [['localId', 'email', 'createdAt']],
  keycloak: [
    ['username', 'createdTimestamp', 'totp'],
    ['realm', 'users'],
  ],
  laravel: [['email_verified_at', 'remember_token']],
  okta: [
    ['profile.login', 'status'],
    ['profile', 'status', 'statusChanged'],
    ['Login', 'Status', 'Authentication Source'],
  ],
  supabase: [['encrypted_password', 'raw_user_meta_data']],
  wordpress: [['user_login', 'user_registered']],
};

/** Null if no system is certain. */
export function recognizedSystem(names: readonly string[]): SystemName | null {
  const has = new Set(names.map(foldName));
  const found = (Object.keys(marks) as SystemName[]).filter((system) =>
    marks[system]!.some((all) => all.every((name) => has.has(foldName(name)))),
  );
  return found.length === 1 ? found[0]! : null;
}
