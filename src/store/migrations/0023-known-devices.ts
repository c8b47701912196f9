// The devices with which accounts have signed in. `device` is a digest, `last_at` the last sign-in in milliseconds since
// 1970.

export const sqlite = [
  `CREATE TABLE known_devices (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, device)
  ) STRICT, WITHOUT ROWID`,
];

export const postgres = [
  `CREATE TABLE known_devices (
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device text COLLATE "C" NOT NULL,
    last_at bigint NOT NULL,
    PRIMARY KEY (user_id, device)
  )`,
];
