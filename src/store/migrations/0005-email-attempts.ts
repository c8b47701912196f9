// Counts how often an account tried to change its own email to one that is taken.

export const sqlite = [
  `CREATE TABLE email_attempts (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    failures INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL
  ) STRICT`,
];

export const postgres = [
  `CREATE TABLE email_attempts (
    user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    failures integer NOT NULL,
    blocked_until bigint NOT NULL
  )`,
];
