// Accounts: users, organizations, memberships, passwords, tokens.
// Times are milliseconds since 1970. Columns *_key hold folded text. JSON is stored as text.

export const sqlite = [
  `CREATE TABLE organizations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    slug TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision INTEGER NOT NULL DEFAULT 1,
    updated_at INTEGER NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    first_name TEXT NOT NULL,
    first_name_key TEXT NOT NULL,
    last_name TEXT NOT NULL,
    last_name_key TEXT NOT NULL,
    time_zone TEXT,
    avatar_url TEXT,
    default_organization_id INTEGER REFERENCES organizations (id) ON DELETE SET NULL,
    flags TEXT NOT NULL,
    newsletter_consent INTEGER NOT NULL,
    newsletter_consent_at INTEGER,
    ical_token TEXT,
    preferences TEXT,
    sysadmin INTEGER NOT NULL,
    sysadmin_permissions TEXT NOT NULL,
    two_factor_auth INTEGER NOT NULL,
    sso_provision INTEGER NOT NULL,
    account_access_expires_at INTEGER,
    locale TEXT NOT NULL
  ) STRICT`,
  'CREATE UNIQUE INDEX users_email_key ON users (email_key)',
  // A narrow covering index in the order of ids: page[number] skips over it, and the revisions of a page are read
  // from it.
  'CREATE INDEX users_versions ON users (id, revision)',
  'CREATE INDEX users_updated_at ON users (updated_at)',
  'CREATE INDEX users_first_name_key ON users (first_name_key)',
  'CREATE INDEX users_last_name_key ON users (last_name_key)',
  'CREATE INDEX users_time_zone ON users (time_zone)',
  'CREATE INDEX users_default_organization_id ON users (default_organization_id)',
  'CREATE INDEX users_newsletter_consent ON users (newsletter_consent)',
  'CREATE INDEX users_sysadmin ON users (sysadmin)',
  'CREATE INDEX users_two_factor_auth ON users (two_factor_auth)',
  'CREATE INDEX users_sso_provision ON users (sso_provision)',
  'CREATE INDEX users_account_access_expires_at ON users (account_access_expires_at)',
  'CREATE INDEX users_locale ON users (locale)',

  `CREATE TABLE memberships (
    organization_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, user_id)
  ) STRICT, WITHOUT ROWID`,
  'CREATE INDEX memberships_user_id ON memberships (user_id)',

  `CREATE TABLE passwords (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    changed_at INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE password_attempts (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    failures INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('api', 'session')),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
  ) STRICT`,
  'CREATE INDEX tokens_user_id ON tokens (user_id)',
  'CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',

  // The number of rows of a collection, and a counter of its changes. Triggers maintain both, so they are correct
  // whoever writes. They give the total of an unfiltered list, and validate cached totals and ETags of lists.
  `CREATE TABLE collections (
    name TEXT PRIMARY KEY,
    row_count INTEGER NOT NULL,
    version INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO collections VALUES ('users', 0, 0)`,

  // Substring search over the folded text: a trigram index without a copy of the text (an external content table).
  `CREATE VIRTUAL TABLE users_search USING fts5 (
    first_name_key, last_name_key, email_key,
    content = 'users', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
  )`,
  `CREATE TRIGGER users_inserted AFTER INSERT ON users BEGIN
    UPDATE collections SET row_count = row_count + 1, version = version + 1 WHERE name = 'users';
    INSERT INTO users_search (rowid, first_name_key, last_name_key, email_key)
      VALUES (new.id, new.first_name_key, new.last_name_key, new.email_key);
  END`,
  `CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN
    UPDATE collections SET row_count = row_count - 1, version = version + 1 WHERE name = 'users';
    INSERT INTO users_search (users_search, rowid, first_name_key, last_name_key, email_key)
      VALUES ('delete', old.id, old.first_name_key, old.last_name_key, old.email_key);
  END`,
  `CREATE TRIGGER users_updated AFTER UPDATE ON users BEGIN
    UPDATE collections SET version = version + 1 WHERE name = 'users';
  END`,
  `CREATE TRIGGER users_renamed AFTER UPDATE OF first_name_key, last_name_key, email_key ON users
    WHEN old.first_name_key <> new.first_name_key OR old.last_name_key <> new.last_name_key
      OR old.email_key <> new.email_key
  BEGIN
    INSERT INTO users_search (users_search, rowid, first_name_key, last_name_key, email_key)
      VALUES ('delete', old.id, old.first_name_key, old.last_name_key, old.email_key);
    INSERT INTO users_search (rowid, first_name_key, last_name_key, email_key)
      VALUES (new.id, new.first_name_key, new.last_name_key, new.email_key);
  END`,
  `CREATE TRIGGER memberships_inserted AFTER INSERT ON memberships BEGIN
    UPDATE collections SET version = version + 1 WHERE name = 'users';
  END`,
  `CREATE TRIGGER memberships_updated AFTER UPDATE ON memberships BEGIN
    UPDATE collections SET version = version + 1 WHERE name = 'users';
  END`,
  `CREATE TRIGGER memberships_deleted AFTER DELETE ON memberships BEGIN
    UPDATE collections SET version = version + 1 WHERE name = 'users';
  END`,
];

/** The same tables. Text is sorted by its bytes and null comes first, as in SQLite. */
export const postgres = [
  `CREATE EXTENSION IF NOT EXISTS pg_trgm`,
  `CREATE TABLE organizations (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    slug text COLLATE "C" NOT NULL DEFAULT '',
    created_at bigint NOT NULL
  )`,
  `CREATE TABLE users (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    revision bigint NOT NULL DEFAULT 1,
    updated_at bigint NOT NULL,
    email text COLLATE "C" NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    first_name text COLLATE "C" NOT NULL,
    first_name_key text COLLATE "C" NOT NULL,
    last_name text COLLATE "C" NOT NULL,
    last_name_key text COLLATE "C" NOT NULL,
    time_zone text COLLATE "C",
    avatar_url text COLLATE "C",
    default_organization_id bigint REFERENCES organizations (id) ON DELETE SET NULL,
    flags text COLLATE "C" NOT NULL,
    newsletter_consent boolean NOT NULL,
    newsletter_consent_at bigint,
    ical_token text COLLATE "C",
    preferences text COLLATE "C",
    sysadmin boolean NOT NULL,
    sysadmin_permissions text COLLATE "C" NOT NULL,
    two_factor_auth boolean NOT NULL,
    sso_provision boolean NOT NULL,
    account_access_expires_at bigint,
    locale text COLLATE "C" NOT NULL
  )`,
  'CREATE UNIQUE INDEX users_email_key ON users (email_key)',
  'CREATE INDEX users_versions ON users (id, revision)',
  // Each index ends with the id, so that a page in this order needs no sort. In SQLite every index contains the id
  // anyway.
  'CREATE INDEX users_updated_at ON users (updated_at, id)',
  'CREATE INDEX users_first_name_key ON users (first_name_key, id)',
  'CREATE INDEX users_last_name_key ON users (last_name_key, id)',
  'CREATE INDEX users_time_zone ON users (time_zone NULLS FIRST, id)',
  'CREATE INDEX users_default_organization_id ON users (default_organization_id NULLS FIRST, id)',
  'CREATE INDEX users_newsletter_consent ON users (newsletter_consent, id)',
  'CREATE INDEX users_sysadmin ON users (sysadmin, id)',
  'CREATE INDEX users_two_factor_auth ON users (two_factor_auth, id)',
  'CREATE INDEX users_sso_provision ON users (sso_provision, id)',
  'CREATE INDEX users_account_access_expires_at ON users (account_access_expires_at NULLS FIRST, id)',
  'CREATE INDEX users_locale ON users (locale, id)',
  `CREATE INDEX users_search ON users
    USING gin (first_name_key gin_trgm_ops, last_name_key gin_trgm_ops, email_key gin_trgm_ops)`,

  `CREATE TABLE memberships (
    organization_id bigint NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role text COLLATE "C" NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    created_at bigint NOT NULL,
    PRIMARY KEY (organization_id, user_id)
  )`,
  'CREATE INDEX memberships_user_id ON memberships (user_id, organization_id)',
  `CREATE TABLE passwords (
    user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash text COLLATE "C" NOT NULL,
    changed_at bigint NOT NULL
  )`,
  `CREATE TABLE password_attempts (
    user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    failures integer NOT NULL,
    blocked_until bigint NOT NULL
  )`,
  `CREATE TABLE tokens (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    hash text COLLATE "C" NOT NULL UNIQUE,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('api', 'session')),
    name text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint
  )`,
  'CREATE INDEX tokens_user_id ON tokens (user_id)',
  'CREATE TABLE secrets (name text COLLATE "C" PRIMARY KEY, value text COLLATE "C" NOT NULL)',

  // For replicas: the position of the write-ahead log, in bytes from its beginning, when an account last wrote.
  `CREATE TABLE write_positions (
    user_id bigint PRIMARY KEY,
    position bigint NOT NULL
  )`,
  // Rows that a transaction locks while it relies on a count that must not change before it ends.
  'CREATE TABLE guards (name text COLLATE "C" PRIMARY KEY)',
  `INSERT INTO guards VALUES ('sysadmins')`,

  // One row for each writing connection, so that writers do not wait for each other. The values of a collection are
  // the sums of its rows.
  `CREATE TABLE collections (
    name text COLLATE "C" NOT NULL,
    slot integer NOT NULL,
    row_count bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (name, slot)
  ) WITH (fillfactor = 50)`,
  `INSERT INTO collections VALUES ('users', 0, 0, 0)`,
  `CREATE FUNCTION users_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      changed_rows bigint;
      difference bigint := 0;
    BEGIN
      SELECT count(*) INTO changed_rows FROM changed;
      IF changed_rows = 0 THEN
        RETURN NULL;
      END IF;
      IF TG_TABLE_NAME = 'users' AND TG_OP = 'INSERT' THEN
        difference := changed_rows;
      ELSIF TG_TABLE_NAME = 'users' AND TG_OP = 'DELETE' THEN
        difference := -changed_rows;
      END IF;
      INSERT INTO collections AS kept VALUES ('users', pg_backend_pid() % 128, difference, 1)
        ON CONFLICT (name, slot) DO UPDATE
          SET row_count = kept.row_count + excluded.row_count, version = kept.version + 1;
      RETURN NULL;
    END
  $$`,
  ...['users', 'memberships'].flatMap((table) => [
    `CREATE TRIGGER ${table}_inserted AFTER INSERT ON ${table}
      REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION users_changed()`,
    `CREATE TRIGGER ${table}_updated AFTER UPDATE ON ${table}
      REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION users_changed()`,
    `CREATE TRIGGER ${table}_deleted AFTER DELETE ON ${table}
      REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION users_changed()`,
  ]),
];
