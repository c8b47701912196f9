// The index of short texts of people has their organizations too, so `people_unindexed` keeps these of rows that have
// changed. In PostgreSQL, the ids of a range are a bitmap if there are many: two of them are intersected in a microsecond.
// The index is empty after this, and all rows are noted, as in 0028-short-texts.ts.

const texts = ['first_name_key', 'last_name_key', 'email_key'];
const changed = [...texts, 'organization_id']
  .map((name) => `old.${name} IS DISTINCT FROM new.${name}`)
  .join(' OR ');
const names = [...texts, 'organization_id'].join();
const old = [...texts, 'organization_id'].map((name) => `old.${name}`).join();
const noteOld = `INSERT INTO people_unindexed (id, ${names}) VALUES (old.id, ${old}) ON CONFLICT DO NOTHING`;

export const sqlite = [
  'DROP TRIGGER people_unindexed_inserted',
  'DROP TRIGGER people_unindexed_updated',
  'DROP TRIGGER people_unindexed_deleted',
  'DROP TABLE people_unindexed',
  `INSERT INTO people_grams (people_grams) VALUES ('delete-all')`,
  `CREATE TABLE people_unindexed (
    id INTEGER PRIMARY KEY, ${texts.map((name) => `${name} TEXT`).join()}, organization_id INTEGER
  ) STRICT`,
  'INSERT INTO people_unindexed (id) SELECT id FROM people',
  `CREATE TRIGGER people_unindexed_inserted AFTER INSERT ON people BEGIN
    INSERT INTO people_unindexed (id) VALUES (new.id) ON CONFLICT DO NOTHING;
  END`,
  `CREATE TRIGGER people_unindexed_updated AFTER UPDATE OF ${names} ON people WHEN ${changed} BEGIN ${noteOld}; END`,
  `CREATE TRIGGER people_unindexed_deleted AFTER DELETE ON people BEGIN ${noteOld}; END`,
];

export const postgres = [
  ...['users', 'people', 'invitations', 'organizations'].flatMap((table) => [
    `DROP TABLE ${table}_grams`,
    `CREATE TABLE ${table}_grams (
      gram text COLLATE "C", segment bigint, listed smallint[], bits bit(4096), PRIMARY KEY (gram, segment),
      CHECK ((listed IS NULL) <> (bits IS NULL))
    )`,
    `TRUNCATE ${table}_unindexed`,
    `INSERT INTO ${table}_unindexed (id) SELECT id FROM ${table}`,
  ]),
  'ALTER TABLE people_unindexed ADD COLUMN organization_id bigint',
  `CREATE OR REPLACE FUNCTION people_changed_unindexed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO people_unindexed (id, ${names}) VALUES (old.id, ${old})
        ON CONFLICT (id) DO UPDATE SET id = excluded.id;
      RETURN NULL;
    END
  $$`,
  'DROP TRIGGER people_unindexed_updated ON people',
  `CREATE TRIGGER people_unindexed_updated AFTER UPDATE OF ${names} ON people
    FOR EACH ROW WHEN (${changed}) EXECUTE FUNCTION people_changed_unindexed()`,
];
