// Counts updates of users by a trigger for each row. Accounts are updated one by one, and a transition table costs more.
// One count for a transaction is enough, since others see its changes at once; and a row that one transaction updates
// a hundred thousand times would leave as many versions, each longer to walk than the last.

export const postgres = [
  `CREATE OR REPLACE FUNCTION user_updated() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO collections AS kept VALUES ('users', pg_backend_pid() % 128, 0, 1)
        ON CONFLICT (name, slot) DO UPDATE SET version = kept.version + 1
          WHERE kept.xmin <> pg_current_xact_id()::xid;
      RETURN NULL;
    END
  $$`,
  'DROP TRIGGER IF EXISTS users_updated ON users',
  'CREATE TRIGGER users_updated AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION user_updated()',
];
