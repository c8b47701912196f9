// Accounts whose access ends last come first, those without an end behind them: nearly all, which are not to be sorted.

export const sqlite = [
  'CREATE INDEX users_account_access_expires_at_desc ON users (account_access_expires_at DESC)',
];

export const postgres = [
  `CREATE INDEX users_account_access_expires_at_desc ON users (account_access_expires_at DESC NULLS LAST, id)`,
];
