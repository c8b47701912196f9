// People: who somebody is within one organization. What a person shows of its account is copied here, so that people
// can be filtered, sorted and searched within an organization by an index. Triggers copy it, whoever writes.

/** The columns that are copied from users; those in one list change together. */
const values = [
  ['email', 'email_key'],
  ['first_name', 'first_name_key'],
  ['last_name', 'last_name_key'],
  ['avatar_url'],
  ['two_factor_auth'],
];
const copied = values.flat();

/** Sorts and filters of people, in all organizations and in one. */
const listed = ['first_name_key', 'last_name_key', 'email_key', 'created_at', 'role', 'is_user'];

const changed = (columns: readonly string[]) =>
  columns.map((name) => `old.${name} IS DISTINCT FROM new.${name}`).join(' OR ');
const set = (columns: readonly string[]) => columns.map((name) => `${name} = new.${name}`).join();

export const sqlite = [
  `CREATE TABLE people (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision INTEGER NOT NULL DEFAULT 1,
    organization_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    is_user INTEGER NOT NULL,
    avatar_url TEXT,
    deactivated_at INTEGER,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    first_name TEXT NOT NULL,
    first_name_key TEXT NOT NULL,
    last_name TEXT NOT NULL,
    last_name_key TEXT NOT NULL,
    joined_at INTEGER,
    last_seen_at INTEGER,
    invited_at INTEGER,
    created_at INTEGER NOT NULL,
    last_activity_at INTEGER,
    two_factor_auth INTEGER NOT NULL,
    external_id TEXT,
    role TEXT CHECK (role IN ('owner', 'admin', 'member')),
    access_expires_at INTEGER
  ) STRICT`,
  `INSERT INTO people (organization_id, user_id, is_user, created_at, joined_at, role, ${copied.join()})
    SELECT memberships.organization_id, users.id, true, users.created_at, memberships.created_at, memberships.role,
      ${copied.map((name) => `users.${name}`).join()}
    FROM memberships JOIN users ON users.id = memberships.user_id
    ORDER BY memberships.created_at, memberships.organization_id, memberships.user_id`,
  'CREATE UNIQUE INDEX people_user_id ON people (user_id, organization_id)',
  'CREATE INDEX people_versions ON people (id, revision)',
  'CREATE INDEX people_organization_id ON people (organization_id)',
  ...listed.map((name) => `CREATE INDEX people_${name} ON people (${name})`),
  ...[...listed, 'last_activity_at', 'deactivated_at'].map(
    (name) => `CREATE INDEX people_organization_id_${name} ON people (organization_id, ${name})`,
  ),
  // Few rows have these values, so the indexes of all organizations hold only those.
  ...['last_activity_at', 'deactivated_at'].map(
    (name) => `CREATE INDEX people_${name} ON people (${name}) WHERE ${name} IS NOT NULL`,
  ),
  `INSERT INTO collections (name, row_count, version) SELECT 'people', count(*), 0 FROM people`,
  `CREATE VIRTUAL TABLE people_search USING fts5 (
    first_name_key, last_name_key, email_key,
    content = 'people', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
  )`,
  `INSERT INTO people_search (people_search) VALUES ('rebuild')`,
  `CREATE TRIGGER people_inserted AFTER INSERT ON people BEGIN
    UPDATE collections SET row_count = row_count + 1, version = version + 1 WHERE name = 'people';
    INSERT INTO people_search (rowid, first_name_key, last_name_key, email_key)
      VALUES (new.id, new.first_name_key, new.last_name_key, new.email_key);
  END`,
  `CREATE TRIGGER people_deleted AFTER DELETE ON people BEGIN
    UPDATE collections SET row_count = row_count - 1, version = version + 1 WHERE name = 'people';
    INSERT INTO people_search (people_search, rowid, first_name_key, last_name_key, email_key)
      VALUES ('delete', old.id, old.first_name_key, old.last_name_key, old.email_key);
  END`,
  `CREATE TRIGGER people_updated AFTER UPDATE ON people BEGIN
    UPDATE collections SET version = version + 1 WHERE name = 'people';
  END`,
  `CREATE TRIGGER people_renamed AFTER UPDATE OF first_name_key, last_name_key, email_key ON people
    WHEN old.first_name_key <> new.first_name_key OR old.last_name_key <> new.last_name_key
      OR old.email_key <> new.email_key
  BEGIN
    INSERT INTO people_search (people_search, rowid, first_name_key, last_name_key, email_key)
      VALUES ('delete', old.id, old.first_name_key, old.last_name_key, old.email_key);
    INSERT INTO people_search (rowid, first_name_key, last_name_key, email_key)
      VALUES (new.id, new.first_name_key, new.last_name_key, new.email_key);
  END`,
  // One for each value: SQLite writes the index of every column that an UPDATE sets, whether it changes or not.
  ...values.map(
    (columns) => `CREATE TRIGGER users_copied_${columns[0]} AFTER UPDATE OF ${columns.join()} ON users
      WHEN ${changed(columns)} BEGIN
        UPDATE people SET revision = revision + 1, ${set(columns)} WHERE user_id = new.id;
      END`,
  ),
];

export const postgres = [
  `CREATE TABLE people (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    revision bigint NOT NULL DEFAULT 1,
    organization_id bigint NOT NULL,
    user_id bigint,
    is_user boolean NOT NULL,
    avatar_url text COLLATE "C",
    deactivated_at bigint,
    email text COLLATE "C" NOT NULL,
    email_key text COLLATE "C" NOT NULL,
    first_name text COLLATE "C" NOT NULL,
    first_name_key text COLLATE "C" NOT NULL,
    last_name text COLLATE "C" NOT NULL,
    last_name_key text COLLATE "C" NOT NULL,
    joined_at bigint,
    last_seen_at bigint,
    invited_at bigint,
    created_at bigint NOT NULL,
    last_activity_at bigint,
    two_factor_auth boolean NOT NULL,
    external_id text COLLATE "C",
    role text COLLATE "C" CHECK (role IN ('owner', 'admin', 'member')),
    access_expires_at bigint
  )`,
  `INSERT INTO people (organization_id, user_id, is_user, created_at, joined_at, role, ${copied.join()})
    SELECT memberships.organization_id, users.id, true, users.created_at, memberships.created_at, memberships.role,
      ${copied.map((name) => `users.${name}`).join()}
    FROM memberships JOIN users ON users.id = memberships.user_id
    ORDER BY memberships.created_at, memberships.organization_id, memberships.user_id`,
  // After the rows: to check all of them at once takes a third of the time.
  `ALTER TABLE people
    ADD FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE`,
  'CREATE UNIQUE INDEX people_user_id ON people (user_id, organization_id)',
  'CREATE INDEX people_versions ON people (id, revision)',
  'CREATE INDEX people_organization_id ON people (organization_id, id)',
  ...listed.map((name) => `CREATE INDEX people_${name} ON people (${name}, id)`),
  ...listed.map(
    (name) => `CREATE INDEX people_organization_id_${name} ON people (organization_id, ${name}, id)`,
  ),
  ...['last_activity_at', 'deactivated_at'].flatMap((name) => [
    `CREATE INDEX people_organization_id_${name} ON people (organization_id, ${name} NULLS FIRST, id)`,
    `CREATE INDEX people_${name} ON people (${name}, id) WHERE ${name} IS NOT NULL`,
  ]),
  `CREATE INDEX people_search ON people
    USING gin (first_name_key gin_trgm_ops, last_name_key gin_trgm_ops, email_key gin_trgm_ops)`,
  // The planner knows nothing of new rows before this. Not of an empty table: it would go on taking it for empty.
  'DO $$ BEGIN IF EXISTS (SELECT FROM people) THEN ANALYZE people; END IF; END $$',
  `INSERT INTO collections (name, slot, row_count, version) SELECT 'people', 0, count(*), 0 FROM people`,
  // For any collection with the name of its table.
  `CREATE FUNCTION collection_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      changed_rows bigint;
    BEGIN
      SELECT count(*) INTO changed_rows FROM changed;
      IF changed_rows > 0 THEN
        INSERT INTO collections AS kept (name, slot, row_count, version)
          VALUES (TG_TABLE_NAME, pg_backend_pid() % 128,
            CASE TG_OP WHEN 'INSERT' THEN changed_rows ELSE -changed_rows END, 1)
          ON CONFLICT (name, slot) DO UPDATE
            SET row_count = kept.row_count + excluded.row_count, version = kept.version + 1;
      END IF;
      RETURN NULL;
    END
  $$`,
  // Once in a transaction, because others see all its changes at once.
  `CREATE FUNCTION collection_updated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO collections AS kept (name, slot, row_count, version)
        VALUES (TG_TABLE_NAME, pg_backend_pid() % 128, 0, 1)
        ON CONFLICT (name, slot) DO UPDATE SET version = kept.version + 1
          WHERE kept.xmin <> pg_current_xact_id()::xid;
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER people_inserted AFTER INSERT ON people
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION collection_changed()`,
  `CREATE TRIGGER people_deleted AFTER DELETE ON people
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION collection_changed()`,
  `CREATE TRIGGER people_updated AFTER UPDATE ON people FOR EACH ROW EXECUTE FUNCTION collection_updated()`,
  `CREATE FUNCTION user_copied() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE people SET revision = revision + 1, ${set(copied)} WHERE user_id = new.id;
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER users_copied AFTER UPDATE OF ${copied.join()} ON users
    FOR EACH ROW WHEN (${changed(copied)}) EXECUTE FUNCTION user_copied()`,
];
