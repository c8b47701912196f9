// Which process holds the lease of a job, and when the job is due again. Times are milliseconds since 1970 by the
// database's clock.

export const sqlite = [
  `CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT,
    expires_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
];

export const postgres = [
  `CREATE TABLE leases (
    name text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C",
    expires_at bigint NOT NULL,
    due_at bigint NOT NULL
  )`,
];
