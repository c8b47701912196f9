// What requests with an Idempotency-Key created. Only the hash of the key is stored. Times are milliseconds since
// 1970.

export const sqlite = [
  `CREATE TABLE idempotency_keys (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    route TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    created_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, route, key_hash)
  ) STRICT, WITHOUT ROWID`,
  'CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at)',
];

export const postgres = [
  `CREATE TABLE idempotency_keys (
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    route text COLLATE "C" NOT NULL,
    key_hash text COLLATE "C" NOT NULL,
    body_digest text COLLATE "C" NOT NULL,
    created_id bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (user_id, route, key_hash)
  )`,
  'CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at)',
];
