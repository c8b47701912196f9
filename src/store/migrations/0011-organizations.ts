// Organizations as a resource: its attributes, folded names, counters, and an index of texts.
// Instances of the version before may go on creating organizations: they give a name and a time of creation, and
// triggers complete the row.
// `organization_renames` notes organizations whose users have not got a new `updated_at` since the slug has changed.

/** SQL folds only ASCII letters. The code folds the other names, in the transaction of this migration. */
export const foldsOrganizationNames = true;

// No foreign key: users refer to organizations, and tables that refer to each other cannot be copied in an order.
export const sqlite = [
  'ALTER TABLE organizations ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0',
  `ALTER TABLE organizations ADD COLUMN name_key TEXT NOT NULL DEFAULT ''`,
  'ALTER TABLE organizations ADD COLUMN subdomain TEXT',
  'ALTER TABLE organizations ADD COLUMN subdomain_key TEXT',
  'ALTER TABLE organizations ADD COLUMN invitation_token TEXT',
  `ALTER TABLE organizations ADD COLUMN flags TEXT NOT NULL DEFAULT '{}'`,
  'ALTER TABLE organizations ADD COLUMN time_zone TEXT',
  'ALTER TABLE organizations ADD COLUMN avatar_url TEXT',
  `ALTER TABLE organizations ADD COLUMN locale TEXT NOT NULL DEFAULT 'en_US'`,
  'ALTER TABLE organizations ADD COLUMN creator_id INTEGER',
  // Without this trigger for a moment, because nothing that is shown changes.
  'DROP TRIGGER organizations_updated',
  'UPDATE organizations SET updated_at = created_at, name_key = lower(name)',
  `CREATE TRIGGER organizations_updated AFTER UPDATE ON organizations WHEN new.revision = old.revision BEGIN
    UPDATE organizations SET revision = revision + 1 WHERE id = new.id;
  END`,

  'CREATE UNIQUE INDEX organizations_subdomain_key ON organizations (subdomain_key)',
  'CREATE INDEX organizations_versions ON organizations (id, revision)',
  ...['name_key', 'created_at', 'updated_at', 'creator_id'].map(
    (name) => `CREATE INDEX organizations_${name} ON organizations (${name})`,
  ),
  `INSERT INTO collections (name, row_count, version)
    SELECT 'organizations', count(*), 0 FROM organizations`,
  `CREATE VIRTUAL TABLE organizations_search USING fts5 (
    name_key, content = 'organizations', content_rowid = 'id', tokenize = 'trigram case_sensitive 1'
  )`,
  `INSERT INTO organizations_search (organizations_search) VALUES ('rebuild')`,

  `CREATE TRIGGER organizations_inserted AFTER INSERT ON organizations BEGIN
    UPDATE collections SET row_count = row_count + 1, version = version + 1 WHERE name = 'organizations';
    INSERT INTO organizations_search (rowid, name_key) VALUES (new.id, new.name_key);
    UPDATE organizations SET name_key = lower(name), updated_at = created_at
      WHERE id = new.id AND name_key = '';
  END`,
  `CREATE TRIGGER organizations_removed AFTER DELETE ON organizations BEGIN
    UPDATE collections SET row_count = row_count - 1, version = version + 1 WHERE name = 'organizations';
    INSERT INTO organizations_search (organizations_search, rowid, name_key)
      VALUES ('delete', old.id, old.name_key);
  END`,
  `CREATE TRIGGER organizations_changed AFTER UPDATE ON organizations BEGIN
    UPDATE collections SET version = version + 1 WHERE name = 'organizations';
  END`,
  `CREATE TRIGGER organizations_refolded AFTER UPDATE OF name_key ON organizations
    WHEN old.name_key <> new.name_key
  BEGIN
    INSERT INTO organizations_search (organizations_search, rowid, name_key)
      VALUES ('delete', old.id, old.name_key);
    INSERT INTO organizations_search (rowid, name_key) VALUES (new.id, new.name_key);
  END`,

  `CREATE TABLE organization_renames (
    organization_id INTEGER PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE,
    last_user_id INTEGER NOT NULL
  ) STRICT`,
  `CREATE TRIGGER organizations_rename_noted AFTER UPDATE OF slug ON organizations
    WHEN old.slug <> '' AND old.slug <> new.slug
  BEGIN
    INSERT INTO organization_renames VALUES (new.id, 0)
      ON CONFLICT (organization_id) DO UPDATE SET last_user_id = 0;
  END`,
];

export const postgres = [
  `ALTER TABLE organizations
    ADD COLUMN updated_at bigint NOT NULL DEFAULT 0,
    ADD COLUMN name_key text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN subdomain text COLLATE "C",
    ADD COLUMN subdomain_key text COLLATE "C",
    ADD COLUMN invitation_token text COLLATE "C",
    ADD COLUMN flags text COLLATE "C" NOT NULL DEFAULT '{}',
    ADD COLUMN time_zone text COLLATE "C",
    ADD COLUMN avatar_url text COLLATE "C",
    ADD COLUMN locale text COLLATE "C" NOT NULL DEFAULT 'en_US',
    ADD COLUMN creator_id bigint`,
  'ALTER TABLE organizations DISABLE TRIGGER organizations_updated',
  'UPDATE organizations SET updated_at = created_at, name_key = lower(name COLLATE "C")',
  'ALTER TABLE organizations ENABLE TRIGGER organizations_updated',

  'CREATE UNIQUE INDEX organizations_subdomain_key ON organizations (subdomain_key)',
  'CREATE INDEX organizations_versions ON organizations (id, revision)',
  ...['name_key', 'created_at', 'updated_at', 'creator_id'].map(
    (name) => `CREATE INDEX organizations_${name} ON organizations (${name}, id)`,
  ),
  'CREATE INDEX organizations_search ON organizations USING gin (name_key gin_trgm_ops)',
  `INSERT INTO collections (name, slot, row_count, version)
    SELECT 'organizations', 0, count(*), 0 FROM organizations`,

  `CREATE FUNCTION organization_completed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF new.name_key = '' THEN
        new.name_key := lower(new.name COLLATE "C");
        new.updated_at := new.created_at;
      END IF;
      RETURN new;
    END
  $$`,
  `CREATE TRIGGER organizations_completed BEFORE INSERT ON organizations
    FOR EACH ROW EXECUTE FUNCTION organization_completed()`,
  `CREATE FUNCTION organizations_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      changed_rows bigint;
    BEGIN
      SELECT count(*) INTO changed_rows FROM changed;
      IF changed_rows > 0 THEN
        INSERT INTO collections AS kept (name, slot, row_count, version)
          VALUES ('organizations', pg_backend_pid() % 128,
            CASE TG_OP WHEN 'INSERT' THEN changed_rows WHEN 'DELETE' THEN -changed_rows ELSE 0 END, 1)
          ON CONFLICT (name, slot) DO UPDATE
            SET row_count = kept.row_count + excluded.row_count, version = kept.version + 1;
      END IF;
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER organizations_inserted AFTER INSERT ON organizations
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION organizations_changed()`,
  `CREATE TRIGGER organizations_removed AFTER DELETE ON organizations
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION organizations_changed()`,
  `CREATE TRIGGER organizations_changed AFTER UPDATE ON organizations
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION organizations_changed()`,

  `CREATE TABLE organization_renames (
    organization_id bigint PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE,
    last_user_id bigint NOT NULL
  )`,
  `CREATE FUNCTION organization_rename_noted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO organization_renames VALUES (new.id, 0)
        ON CONFLICT (organization_id) DO UPDATE SET last_user_id = 0;
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER organizations_rename_noted AFTER UPDATE OF slug ON organizations
    FOR EACH ROW WHEN (old.slug <> '' AND old.slug <> new.slug) EXECUTE FUNCTION organization_rename_noted()`,
];
