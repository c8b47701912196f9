// Failed sign-ins, and the networks from which accounts have signed in. Times are milliseconds since 1970.
//
// `sign_in_attempts.key` is a keyed digest of the address that somebody typed, so rows do not show who was tried. They
// belong to no account: addresses without an account are counted too.

const index = 'CREATE INDEX sign_in_attempts_forget_at ON sign_in_attempts (forget_at)';
const indexOfAddresses = 'CREATE INDEX known_addresses_last_at ON known_addresses (last_at)';

export const sqlite = [
  `CREATE TABLE sign_in_attempts (
    key TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL,
    forget_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  index,
  `CREATE TABLE known_addresses (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    network TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, network)
  ) STRICT, WITHOUT ROWID`,
  indexOfAddresses,
];

export const postgres = [
  `CREATE TABLE sign_in_attempts (
    key text COLLATE "C" PRIMARY KEY,
    failures integer NOT NULL,
    blocked_until bigint NOT NULL,
    forget_at bigint NOT NULL
  )`,
  index,
  `CREATE TABLE known_addresses (
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    network text COLLATE "C" NOT NULL,
    last_at bigint NOT NULL,
    PRIMARY KEY (user_id, network)
  )`,
  indexOfAddresses,
];
