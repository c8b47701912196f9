// Where accounts and organizations have come from: their ids in other systems, and what has no other place. People show
// the id of their account.

/** As in 0014-organization-memberships.ts, with the id in the other system. */
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

const join = (membership: string, from: string, conflict: string) => `INSERT INTO people
    (id, organization_id, user_id, is_user, created_at, joined_at, role, access_expires_at, external_id,
      ${copied.join()})
  SELECT ${membership}.person_id, ${membership}.organization_id, users.id, true, users.created_at,
    ${membership}.created_at, ${membership}.role, ${membership}.expires_at,
    (SELECT external_id FROM origins WHERE origins.user_id = users.id),
    ${copied.map((name) => `users.${name}`).join()}
  FROM ${from}
  ON CONFLICT ${conflict} DO UPDATE SET revision = people.revision + 1, deactivated_at = NULL,
    joined_at = excluded.joined_at, role = excluded.role, access_expires_at = excluded.access_expires_at,
    external_id = coalesce(excluded.external_id, people.external_id)
  WHERE people.deactivated_at IS NOT NULL OR people.role IS DISTINCT FROM excluded.role
    OR people.access_expires_at IS DISTINCT FROM excluded.access_expires_at
    OR people.external_id IS DISTINCT FROM coalesce(excluded.external_id, people.external_id)`;

const indexes = [
  'CREATE UNIQUE INDEX origins_external_id ON origins (external_id, source)',
  'CREATE UNIQUE INDEX organization_origins_external_id ON organization_origins (external_id, source)',
];

export const sqlite = [
  `CREATE TABLE origins (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    external_id TEXT,
    email_verified INTEGER,
    details TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE organization_origins (
    organization_id INTEGER PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL
  ) STRICT`,
  ...indexes,
  'DROP TRIGGER organization_memberships_joined',
  `CREATE TRIGGER organization_memberships_joined AFTER INSERT ON organization_memberships BEGIN
    ${join('new', 'users WHERE users.id = new.user_id', '')};
    UPDATE organization_memberships SET person_id = (
      SELECT id FROM people WHERE user_id = new.user_id AND organization_id = new.organization_id
    ) WHERE id = new.id AND person_id IS NULL;
  END`,
];

export const postgres = [
  `CREATE TABLE origins (
    user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    source text COLLATE "C" NOT NULL,
    external_id text COLLATE "C",
    email_verified boolean,
    details text COLLATE "C" NOT NULL
  )`,
  `CREATE TABLE organization_origins (
    organization_id bigint PRIMARY KEY REFERENCES organizations (id) ON DELETE CASCADE,
    source text COLLATE "C" NOT NULL,
    external_id text COLLATE "C" NOT NULL
  )`,
  ...indexes,
  `CREATE OR REPLACE FUNCTION memberships_joined() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
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
];
