// A user shows the slug of its default organization, so the organization's revision is part of the user's version.
// Triggers increment it, so it is correct whoever writes. `shown_version` counts the changes of other rows whose
// values the records of a collection show.

export const sqlite = [
  'ALTER TABLE organizations ADD COLUMN revision INTEGER NOT NULL DEFAULT 1',
  'ALTER TABLE collections ADD COLUMN shown_version INTEGER NOT NULL DEFAULT 0',
  `CREATE TRIGGER organizations_updated AFTER UPDATE ON organizations WHEN new.revision = old.revision BEGIN
    UPDATE organizations SET revision = revision + 1 WHERE id = new.id;
  END`,
  // A new organization gets its slug in a second statement, when no user can show it yet.
  `CREATE TRIGGER organizations_renamed AFTER UPDATE OF slug ON organizations
    WHEN old.slug <> '' AND old.slug <> new.slug
  BEGIN
    UPDATE collections SET version = version + 1, shown_version = shown_version + 1 WHERE name = 'users';
  END`,
  `CREATE TRIGGER organizations_deleted AFTER DELETE ON organizations BEGIN
    UPDATE collections SET version = version + 1, shown_version = shown_version + 1 WHERE name = 'users';
  END`,
];

export const postgres = [
  'ALTER TABLE organizations ADD COLUMN revision bigint NOT NULL DEFAULT 1',
  'ALTER TABLE collections ADD COLUMN shown_version bigint NOT NULL DEFAULT 0',
  `CREATE FUNCTION organization_updated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF new.revision = old.revision THEN
        new.revision := old.revision + 1;
      END IF;
      RETURN new;
    END
  $$`,
  `CREATE TRIGGER organizations_updated BEFORE UPDATE ON organizations
    FOR EACH ROW EXECUTE FUNCTION organization_updated()`,
  `CREATE FUNCTION shown_organization_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO collections AS kept (name, slot, row_count, version, shown_version)
        VALUES ('users', pg_backend_pid() % 128, 0, 1, 1)
        ON CONFLICT (name, slot) DO UPDATE
          SET version = kept.version + 1, shown_version = kept.shown_version + 1;
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER organizations_renamed AFTER UPDATE OF slug ON organizations
    FOR EACH ROW WHEN (old.slug <> '' AND old.slug <> new.slug) EXECUTE FUNCTION shown_organization_changed()`,
  `CREATE TRIGGER organizations_deleted AFTER DELETE ON organizations
    FOR EACH ROW EXECUTE FUNCTION shown_organization_changed()`,
];
