// On SQLite, the trigrams of changed names and addresses are written once for a commit: see store/sqlite/search-notes.ts.

const columns = ['first_name_key', 'last_name_key', 'email_key'];

const texts = columns.join();

const of = (row: string) => columns.map((name) => `${row}.${name}`).join();

function notesOf(table: string): string[] {
  const notes = `${table}_search_notes`;
  const index = `${table}_search (${table}_search, rowid, ${texts})`;
  const differ = columns.map((name) => `old.${name} <> new.${name}`).join(' OR ');
  const isNoting = `EXISTS (SELECT 1 FROM ${notes} WHERE id = 0)`;
  return [
    `CREATE TABLE ${notes} (
      id INTEGER PRIMARY KEY, ${columns.map((name) => `${name} TEXT`).join()}
    ) STRICT`,
    `DROP TRIGGER ${table}_renamed`,
    `DROP TRIGGER ${table}_deleted`,
    `CREATE TRIGGER ${table}_renamed AFTER UPDATE OF ${texts} ON ${table}
      WHEN (${differ}) AND NOT ${isNoting}
      BEGIN
        INSERT INTO ${index} VALUES ('delete', old.id, ${of('old')});
        INSERT INTO ${index} VALUES (NULL, new.id, ${of('new')});
      END`,
    `CREATE TRIGGER ${table}_rename_noted AFTER UPDATE OF ${texts} ON ${table}
      WHEN (${differ}) AND ${isNoting}
      BEGIN
        INSERT INTO ${notes} (id, ${texts}) VALUES (old.id, ${of('old')}) ON CONFLICT DO NOTHING;
      END`,
    `CREATE TRIGGER ${table}_deleted AFTER DELETE ON ${table} BEGIN
        UPDATE collections SET row_count = row_count - 1, version = version + 1 WHERE name = '${table}';
        INSERT INTO ${index}
          SELECT 'delete', id, ${texts} FROM ${notes} WHERE id = old.id
          UNION ALL SELECT 'delete', old.id, ${of('old')}
            WHERE NOT EXISTS (SELECT 1 FROM ${notes} WHERE id = old.id);
        DELETE FROM ${notes} WHERE id = old.id;
      END`,
  ];
}

export const sqlite = ['users', 'people'].flatMap(notesOf);
