// An index of texts of one and two characters, for searches that the index of trigrams cannot answer. `<table>_grams` has
// the rows that contain each text. Writing it costs more than the row itself, so triggers only note which rows have
// changed in `<table>_unindexed`, with the texts for which the index still has them (null for none), and a job indexes
// them later. All rows of before are noted here, so this migration is short, and the job continues after an interruption.

const indexed = {
  users: ['first_name_key', 'last_name_key', 'email_key'],
  people: ['first_name_key', 'last_name_key', 'email_key'],
  invitations: ['first_name_key', 'last_name_key', 'email_key'],
  organizations: ['name_key'],
};

const each = (statements: (table: string, columns: readonly string[]) => readonly string[]) =>
  Object.entries(indexed).flatMap(([table, columns]) => statements(table, columns));

const changed = (columns: readonly string[]) =>
  columns.map((name) => `old.${name} IS DISTINCT FROM new.${name}`).join(' OR ');
const old = (columns: readonly string[]) => columns.map((name) => `old.${name}`).join();

// If the row is already noted, the index has it for the texts of then. That entry stays.
export const sqlite = each((table, columns) => [
  `CREATE TABLE ${table}_unindexed (
    id INTEGER PRIMARY KEY, ${columns.map((name) => `${name} TEXT`).join()}
  ) STRICT`,
  `INSERT INTO ${table}_unindexed (id) SELECT id FROM ${table}`,
  `CREATE VIRTUAL TABLE ${table}_grams USING fts5 (
    grams, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
  )`,
  `INSERT INTO ${table}_grams (${table}_grams, rank) VALUES ('automerge', 16)`,
  `INSERT INTO ${table}_grams (${table}_grams, rank) VALUES ('crisismerge', 64)`,
  `CREATE TRIGGER ${table}_unindexed_inserted AFTER INSERT ON ${table} BEGIN
    INSERT INTO ${table}_unindexed (id) VALUES (new.id) ON CONFLICT DO NOTHING;
  END`,
  `CREATE TRIGGER ${table}_unindexed_updated AFTER UPDATE OF ${columns.join()} ON ${table}
    WHEN ${changed(columns)}
  BEGIN
    INSERT INTO ${table}_unindexed (id, ${columns.join()}) VALUES (old.id, ${old(columns)}) ON CONFLICT DO NOTHING;
  END`,
  `CREATE TRIGGER ${table}_unindexed_deleted AFTER DELETE ON ${table} BEGIN
    INSERT INTO ${table}_unindexed (id, ${columns.join()}) VALUES (old.id, ${old(columns)}) ON CONFLICT DO NOTHING;
  END`,
]);

// Each row of the index has the ids in one range of 4,096, as their distances from its beginning. DO UPDATE, not DO
// NOTHING: it locks the entry until the commit, so that no job removes it and indexes the row as it was before.
export const postgres = each((table, columns) => [
  `CREATE TABLE ${table}_unindexed (
    id bigint PRIMARY KEY, ${columns.map((name) => `${name} text COLLATE "C"`).join()}
  )`,
  `INSERT INTO ${table}_unindexed (id) SELECT id FROM ${table}`,
  `CREATE TABLE ${table}_grams (
    gram text COLLATE "C", segment bigint, ids smallint[] NOT NULL, PRIMARY KEY (gram, segment)
  )`,
  `CREATE FUNCTION ${table}_added_unindexed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO ${table}_unindexed (id) SELECT id FROM changed ON CONFLICT (id) DO UPDATE SET id = excluded.id;
      RETURN NULL;
    END
  $$`,
  `CREATE FUNCTION ${table}_changed_unindexed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO ${table}_unindexed (id, ${columns.join()}) VALUES (old.id, ${old(columns)})
        ON CONFLICT (id) DO UPDATE SET id = excluded.id;
      RETURN NULL;
    END
  $$`,
  `CREATE TRIGGER ${table}_unindexed_inserted AFTER INSERT ON ${table}
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ${table}_added_unindexed()`,
  `CREATE TRIGGER ${table}_unindexed_updated AFTER UPDATE OF ${columns.join()} ON ${table}
    FOR EACH ROW WHEN (${changed(columns)}) EXECUTE FUNCTION ${table}_changed_unindexed()`,
  `CREATE TRIGGER ${table}_unindexed_deleted AFTER DELETE ON ${table}
    FOR EACH ROW EXECUTE FUNCTION ${table}_changed_unindexed()`,
]);
