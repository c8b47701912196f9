// The address that an account has left stays reserved for it while the link that undoes the change works: no other account
// gets it, whoever writes it. `links.reserved_key` is the key of its mailbox, as `users.email_key`.
//
// The triggers run after the row is written. So on PostgreSQL they also see what another transaction has committed for which
// the unique index of `users` has waited. The time is that of the write, by the clock of the process.
//
// `links.password_changed_at` and `links.last_session_id` are what the account had before the change: an undo ends what
// came after it. They are compared, so clocks need not agree.

const columns = ['reserved_key text', 'password_changed_at integer', 'last_session_id integer'];

const index = `CREATE INDEX links_reserved_key ON links (reserved_key)
  WHERE reserved_key IS NOT NULL AND used_at IS NULL`;

/** @param account a row, as it is written */
const isReserved = (account: string) => `links.reserved_key = ${account}.email_key AND links.used_at IS NULL
    AND links.expires_at > ${account}.updated_at AND links.user_id <> ${account}.id`;

export const sqlite = [
  ...columns.map((column) => `ALTER TABLE links ADD COLUMN ${column}`),
  index,
  ...[
    ['inserted', 'INSERT ON users WHEN'],
    ['updated', 'UPDATE OF email_key ON users WHEN new.email_key <> old.email_key AND'],
  ].map(
    ([name, when]) => `CREATE TRIGGER users_reserved_${name} AFTER ${when}
    EXISTS (SELECT 1 FROM links WHERE ${isReserved('new')})
  BEGIN
    SELECT RAISE(ABORT, 'UNIQUE constraint failed: users.email_key');
  END`,
  ),
];

const refuse = `RAISE unique_violation USING MESSAGE = 'the address is reserved', TABLE = 'users', CONSTRAINT = 'users_email_key'`;

const trigger = (name: string, from: string, returned: string) => `CREATE FUNCTION ${name}() RETURNS trigger
  LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM ${from}) THEN ${refuse}; END IF;
    RETURN ${returned};
  END $$`;

export const postgres = [
  `ALTER TABLE links ${columns
    .map((column) => column.replace('text', 'text COLLATE "C"').replace('integer', 'bigint'))
    .map((column) => `ADD COLUMN ${column}`)
    .join(', ')}`,
  index,
  trigger('users_reserved_inserted', `links JOIN inserted ON ${isReserved('inserted')}`, 'NULL'),
  `CREATE TRIGGER users_reserved_inserted AFTER INSERT ON users
    REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION users_reserved_inserted()`,
  trigger('users_reserved_updated', `links WHERE ${isReserved('NEW')}`, 'NULL'),
  `CREATE TRIGGER users_reserved_updated AFTER UPDATE OF email_key ON users
    FOR EACH ROW WHEN (NEW.email_key <> OLD.email_key) EXECUTE FUNCTION users_reserved_updated()`,
];
