// Users get the time of their creation. For older accounts it is the earliest known trace of them.
// Instances of the version before may go on creating users: a trigger completes the row.

export const sqlite = [
  'ALTER TABLE users ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0',
  // Without this trigger for a moment, because nothing that is shown changes.
  'DROP TRIGGER users_updated',
  `UPDATE users SET created_at = coalesce(
    (SELECT min(memberships.created_at, users.updated_at) FROM memberships
      WHERE memberships.user_id = users.id ORDER BY memberships.created_at LIMIT 1),
    updated_at)`,
  `CREATE TRIGGER users_updated AFTER UPDATE ON users BEGIN
    UPDATE collections SET version = version + 1 WHERE name = 'users';
  END`,
  `CREATE TRIGGER users_dated AFTER INSERT ON users WHEN new.created_at = 0 BEGIN
    UPDATE users SET created_at = updated_at WHERE id = new.id;
  END`,
];

export const postgres = [
  'ALTER TABLE users ADD COLUMN created_at bigint NOT NULL DEFAULT 0',
  `CREATE FUNCTION user_created_at(user_id bigint, updated_at bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT least($2, (SELECT min(memberships.created_at) FROM memberships WHERE memberships.user_id = $1))
  $$`,
  // Writes the table and its indexes anew, which takes a tenth of the time of an UPDATE of all rows. Triggers do not
  // run, because nothing that is shown changes.
  'ALTER TABLE users ALTER COLUMN created_at TYPE bigint USING user_created_at(id, updated_at)',
  'DROP FUNCTION user_created_at',
  `CREATE FUNCTION user_dated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF new.created_at = 0 THEN
        new.created_at := new.updated_at;
      END IF;
      RETURN new;
    END
  $$`,
  'CREATE TRIGGER users_dated BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION user_dated()',
];
