// Memberships as a resource. Each belongs to a person, whom triggers make, bring back and deactivate, whoever writes.
// Instances of the version before go on with the view `memberships`: on PostgreSQL they read and write it, on SQLite
// they only read it.

const copied = [
  'email',
  'email_key',
  'first_name',
  'first_name_key',
  'last_name',
  'last_name_key',
  'avatar_url',
  'two_factor_auth',
];

/** Orders and filters of the list of one organization. */
const listed = ['role', 'created_at', 'updated_at'];

/**
 * Inserts the people of new memberships, or brings them back.
 * @param membership the name of its row; `from` ends with the table users
 */
const join = (membership: string, from: string, conflict: string) => `INSERT INTO people
    (id, organization_id, user_id, is_user, created_at, joined_at, role, access_expires_at, ${copied.join()})
  SELECT ${membership}.person_id, ${membership}.organization_id, users.id, true, users.created_at,
    ${membership}.created_at, ${membership}.role, ${membership}.expires_at,
    ${copied.map((name) => `users.${name}`).join()}
  FROM ${from}
  ON CONFLICT ${conflict} DO UPDATE SET revision = people.revision + 1, deactivated_at = NULL,
    joined_at = excluded.joined_at, role = excluded.role, access_expires_at = excluded.access_expires_at
  WHERE people.deactivated_at IS NOT NULL OR people.role IS DISTINCT FROM excluded.role
    OR people.access_expires_at IS DISTINCT FROM excluded.access_expires_at`;

/** Copies the role and the end to the person, if they differ. */
const copiedToPerson = `UPDATE people
  SET revision = revision + 1, role = new.role, access_expires_at = new.expires_at
  WHERE id = new.person_id
    AND (role IS DISTINCT FROM new.role OR access_expires_at IS DISTINCT FROM new.expires_at)`;

/** The product sets the time itself, before it deletes the membership. */
const left = (now: string) => `UPDATE people
  SET revision = revision + 1, role = NULL, access_expires_at = NULL, deactivated_at = coalesce(deactivated_at, ${now})
  WHERE id = old.person_id`;

/** Without memberships that have ended, because the version before does not know ends. */
const view = (now: string) => `CREATE VIEW memberships AS
  SELECT organization_id, user_id, role, created_at FROM organization_memberships
  WHERE expires_at IS NULL OR expires_at > ${now}`;

const nowInSqlite = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`;

export const sqlite = [
  `CREATE TABLE organization_memberships (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision INTEGER NOT NULL DEFAULT 1,
    organization_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    person_id INTEGER REFERENCES people (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    expires_at INTEGER
  ) STRICT`,
  `INSERT INTO organization_memberships (organization_id, user_id, person_id, created_at, updated_at, role)
    SELECT memberships.organization_id, memberships.user_id, people.id, memberships.created_at,
      memberships.created_at, memberships.role
    FROM people JOIN memberships
      ON memberships.organization_id = people.organization_id AND memberships.user_id = people.user_id
    ORDER BY people.id`,
  'DROP TABLE memberships',
  'CREATE UNIQUE INDEX organization_memberships_member ON organization_memberships (organization_id, user_id)',
  'CREATE INDEX organization_memberships_versions ON organization_memberships (id, revision)',
  'CREATE INDEX organization_memberships_user_id ON organization_memberships (user_id)',
  'CREATE INDEX organization_memberships_person_id ON organization_memberships (person_id)',
  'CREATE INDEX organization_memberships_organization_id ON organization_memberships (organization_id)',
  ...[...listed, 'expires_at'].map(
    (name) =>
      `CREATE INDEX organization_memberships_organization_id_${name}
        ON organization_memberships (organization_id, ${name})`,
  ),
  `CREATE INDEX organization_memberships_expires_at ON organization_memberships (expires_at)
    WHERE expires_at IS NOT NULL`,
  `INSERT INTO collections (name, row_count, version)
    SELECT 'organization_memberships', count(*), 0 FROM organization_memberships`,

  ...[
    ['inserted', 'INSERT', ', row_count = row_count + 1'],
    ['updated', 'UPDATE', ''],
    ['deleted', 'DELETE', ', row_count = row_count - 1'],
  ].map(
    ([name, act, counted]) => `CREATE TRIGGER organization_memberships_${name}
    AFTER ${act} ON organization_memberships BEGIN
      UPDATE collections SET version = version + 1${counted} WHERE name = 'organization_memberships';
      UPDATE collections SET version = version + 1 WHERE name = 'users';
    END`,
  ),
  `CREATE TRIGGER organization_memberships_joined AFTER INSERT ON organization_memberships BEGIN
    ${join('new', 'users WHERE users.id = new.user_id', '')};
    UPDATE organization_memberships SET person_id = (
      SELECT id FROM people WHERE user_id = new.user_id AND organization_id = new.organization_id
    ) WHERE id = new.id AND person_id IS NULL;
  END`,
  `CREATE TRIGGER organization_memberships_copied AFTER UPDATE OF role, expires_at ON organization_memberships BEGIN
    ${copiedToPerson};
  END`,
  `CREATE TRIGGER organization_memberships_left AFTER DELETE ON organization_memberships BEGIN
    ${left(nowInSqlite)};
  END`,
  view(nowInSqlite),
];

/**
 * Locks the account before its person, in the order of a change of the account, which also writes its people. Otherwise
 * the two could deadlock.
 */
const lockedAccount = (row: 'new' | 'old') => `PERFORM FROM users WHERE id = ${row}.user_id FOR UPDATE`;

const now = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

export const postgres = [
  `CREATE TABLE organization_memberships (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    revision bigint NOT NULL DEFAULT 1,
    organization_id bigint NOT NULL,
    user_id bigint NOT NULL,
    person_id bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    role text COLLATE "C" NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    expires_at bigint
  )`,
  `INSERT INTO organization_memberships (organization_id, user_id, person_id, created_at, updated_at, role)
    SELECT memberships.organization_id, memberships.user_id, people.id, memberships.created_at,
      memberships.created_at, memberships.role
    FROM people JOIN memberships
      ON memberships.organization_id = people.organization_id AND memberships.user_id = people.user_id
    ORDER BY people.id`,
  // Deferred, because a trigger inserts the people of all rows of a statement after these.
  `ALTER TABLE organization_memberships
    ADD FOREIGN KEY (organization_id) REFERENCES organizations (id) ON DELETE CASCADE,
    ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    ADD FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED`,
  'DROP TABLE memberships',
  'CREATE UNIQUE INDEX organization_memberships_member ON organization_memberships (organization_id, user_id)',
  'CREATE INDEX organization_memberships_versions ON organization_memberships (id, revision)',
  'CREATE INDEX organization_memberships_user_id ON organization_memberships (user_id, id)',
  'CREATE INDEX organization_memberships_person_id ON organization_memberships (person_id, id)',
  'CREATE INDEX organization_memberships_organization_id ON organization_memberships (organization_id, id)',
  ...[...listed, 'expires_at NULLS FIRST'].map((column) => {
    const [name] = column.split(' ');
    return `CREATE INDEX organization_memberships_organization_id_${name}
      ON organization_memberships (organization_id, ${column}, id)`;
  }),
  `CREATE INDEX organization_memberships_expires_at ON organization_memberships (expires_at, id)
    WHERE expires_at IS NOT NULL`,
  // Not of an empty table: the planner would go on taking it for empty.
  `DO $$ BEGIN IF EXISTS (SELECT FROM organization_memberships) THEN ANALYZE organization_memberships; END IF; END $$`,
  `INSERT INTO collections (name, slot, row_count, version)
    SELECT 'organization_memberships', 0, count(*), 0 FROM organization_memberships`,

  `CREATE TRIGGER organization_memberships_inserted AFTER INSERT ON organization_memberships
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION collection_changed()`,
  `CREATE TRIGGER organization_memberships_deleted AFTER DELETE ON organization_memberships
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION collection_changed()`,
  `CREATE TRIGGER organization_memberships_updated AFTER UPDATE ON organization_memberships
    FOR EACH ROW EXECUTE FUNCTION collection_updated()`,
  ...[
    ['inserted', 'INSERT', 'NEW'],
    ['updated', 'UPDATE', 'NEW'],
    ['deleted', 'DELETE', 'OLD'],
  ].map(
    ([name, act, rows]) => `CREATE TRIGGER members_${name} AFTER ${act} ON organization_memberships
      REFERENCING ${rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION users_changed()`,
  ),

  // Without sequential scans: a plan made while a table was small would go on reading all of it.
  `CREATE FUNCTION membership_completed() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
    BEGIN
      new.updated_at := coalesce(new.updated_at, new.created_at);
      IF new.person_id IS NULL THEN
        -- The expression keeps the planner from reading all people of the organization.
        SELECT id INTO new.person_id FROM people
          WHERE user_id = new.user_id AND organization_id + 0 = new.organization_id;
        IF new.person_id IS NULL THEN
          new.person_id := nextval('people_id_seq');
        END IF;
      END IF;
      RETURN new;
    END
  $$`,
  `CREATE TRIGGER organization_memberships_completed BEFORE INSERT ON organization_memberships
    FOR EACH ROW EXECUTE FUNCTION membership_completed()`,
  // Once for all rows of a statement: an import inserts hundreds.
  // Locks the accounts, because who joins while the account is renamed must get the new name.
  `CREATE FUNCTION memberships_joined() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
    BEGIN
      ${join(
        'joined',
        `(SELECT * FROM joined ORDER BY user_id) AS joined
          CROSS JOIN LATERAL (SELECT * FROM users WHERE id = joined.user_id FOR UPDATE) AS users`,
        '(id)',
      )};
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER organization_memberships_joined AFTER INSERT ON organization_memberships
    REFERENCING NEW TABLE AS joined FOR EACH STATEMENT EXECUTE FUNCTION memberships_joined()`,
  `CREATE FUNCTION membership_revised() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF new.revision = old.revision THEN
        new.revision := old.revision + 1;
      END IF;
      RETURN new;
    END
  $$`,
  `CREATE TRIGGER organization_memberships_revised BEFORE UPDATE ON organization_memberships
    FOR EACH ROW EXECUTE FUNCTION membership_revised()`,
  `CREATE FUNCTION membership_copied() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${lockedAccount('new')};
      ${copiedToPerson};
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER organization_memberships_copied AFTER UPDATE OF role, expires_at
    ON organization_memberships FOR EACH ROW EXECUTE FUNCTION membership_copied()`,
  `CREATE FUNCTION membership_left() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      ${lockedAccount('old')};
      ${left(now)};
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER organization_memberships_left AFTER DELETE ON organization_memberships
    FOR EACH ROW EXECUTE FUNCTION membership_left()`,

  view(now),
];
