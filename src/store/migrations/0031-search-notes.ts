// On SQLite, the trigrams of changed names and addresses are written once for a commit: see store/sqlite/search-notes.ts.

const columns = ['first_name_key', 'last_name_key', 'email_key'];

const of = (row: string) => columns.map((name) => `${row}.${name}`).join();

const isNoting = `EXISTS (SELECT 1 FROM search_notes WHERE name = '' AND id = 0)`;

function triggersOf(table: string): string[] {
  const index = `${table}_search (${table}_search, rowid, ${columns.join()})`;
  const differ = columns.map((name) => `old.${name} <> new.${name}`).join(' OR ');
  const noted = `name = '${table}' AND id = old.id`;
  return [
    `DROP TRIGGER ${table}_renamed`,
    `DROP TRIGGER ${table}_deleted`,
    `CREATE TRIGGER ${table}_renamed AFTER UPDATE OF ${columns.join()} ON ${table}
      WHEN (${differ}) AND NOT ${isNoting}
      BEGIN
        INSERT INTO ${index} VALUES ('delete', old.id, ${of('old')});
        INSERT INTO ${index} VALUES (NULL, new.id, ${of('new')});
      END`,
    `CREATE TRIGGER ${table}_rename_noted AFTER UPDATE OF ${columns.join()} ON ${table}
      WHEN (${differ}) AND ${isNoting}
      BEGIN
        INSERT INTO search_notes (name, id, ${columns.join()}) VALUES ('${table}', old.id, ${of('old')})
          ON CONFLICT DO NOTHING;
      END`,
    `CREATE TRIGGER ${table}_deleted AFTER DELETE ON ${table} BEGIN
        UPDATE collections SET row_count = row_count - 1, version = version + 1 WHERE name = '${table}';
        INSERT INTO ${index}
          SELECT 'delete', id, ${columns.join()} FROM search_notes WHERE ${noted}
          UNION ALL SELECT 'delete', old.id, ${of('old')}
            WHERE NOT EXISTS (SELECT 1 FROM search_notes WHERE ${noted});
        DELETE FROM search_notes WHERE ${noted};
      END`,
  ];
}

export const sqlite = [
  `CREATE TABLE search_notes (
    name TEXT NOT NULL,
    id INTEGER NOT NULL,
    ${columns.map((name) => `${name} TEXT`).join()},
    PRIMARY KEY (name, id)
  ) STRICT, WITHOUT ROWID`,
  ...triggersOf('users'),
  ...triggersOf('people'),
];
