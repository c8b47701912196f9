// An index for a descending sort by the end of access, with null last. Nearly all accounts have null, and must not be
// sorted for it.

export const sqlite = [
  'CREATE INDEX users_account_access_expires_at_desc ON users (account_access_expires_at DESC)',
];

export const postgres = [
  `CREATE INDEX users_account_access_expires_at_desc ON users (account_access_expires_at DESC NULLS LAST, id)`,
];
