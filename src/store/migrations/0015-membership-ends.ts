// `membership_ends` has the ends of memberships that the service has not followed yet: the holder may still have the
// organization as default. Triggers note each end, whoever sets it.

/** A membership has at most one row; another end replaces it. */
const noted = `
    DELETE FROM membership_ends WHERE membership_id = new.id;
    INSERT INTO membership_ends (membership_id, expires_at)
      SELECT new.id, new.expires_at WHERE new.expires_at IS NOT NULL;`;

const known = `INSERT INTO membership_ends (membership_id, expires_at)
  SELECT id, expires_at FROM organization_memberships WHERE expires_at IS NOT NULL`;

const index = 'CREATE INDEX membership_ends_expires_at ON membership_ends (expires_at)';

export const sqlite = [
  `CREATE TABLE membership_ends (
    membership_id INTEGER PRIMARY KEY REFERENCES organization_memberships (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
  ) STRICT`,
  known,
  index,
  `CREATE TRIGGER membership_ends_given AFTER INSERT ON organization_memberships
    WHEN new.expires_at IS NOT NULL
  BEGIN${noted}
  END`,
  `CREATE TRIGGER membership_ends_changed AFTER UPDATE OF expires_at ON organization_memberships
    WHEN old.expires_at IS NOT new.expires_at
  BEGIN${noted}
  END`,
];

export const postgres = [
  `CREATE TABLE membership_ends (
    membership_id bigint PRIMARY KEY REFERENCES organization_memberships (id) ON DELETE CASCADE,
    expires_at bigint NOT NULL
  )`,
  known,
  index,
  `CREATE FUNCTION membership_end_noted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN${noted}
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER membership_ends_given AFTER INSERT ON organization_memberships
    FOR EACH ROW WHEN (new.expires_at IS NOT NULL) EXECUTE FUNCTION membership_end_noted()`,
  `CREATE TRIGGER membership_ends_changed AFTER UPDATE OF expires_at ON organization_memberships
    FOR EACH ROW WHEN (old.expires_at IS DISTINCT FROM new.expires_at) EXECUTE FUNCTION membership_end_noted()`,
];
