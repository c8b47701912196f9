// The text indexes of SQLite without the lengths of the texts, which only a ranking would read: a change of a name wrote
// them with two more pages. Each write leaves a small part of the index, and parts are merged in larger groups, in small
// steps: by default, every sixteenth write merged all of them at once (sqlite.org/fts5.html, automerge and crisismerge).

const indexes = {
  users: ['first_name_key', 'last_name_key', 'email_key'],
  people: ['first_name_key', 'last_name_key', 'email_key'],
  organizations: ['name_key'],
};

export const sqlite = Object.entries(indexes).flatMap(([table, columns]) => {
  const index = `${table}_search`;
  return [
    `DROP TABLE ${index}`,
    `CREATE VIRTUAL TABLE ${index} USING fts5 (
      ${columns.join()}, content = '${table}', content_rowid = 'id', columnsize = 0,
      tokenize = 'trigram case_sensitive 1'
    )`,
    `INSERT INTO ${index} (${index}, rank) VALUES ('automerge', 16)`,
    `INSERT INTO ${index} (${index}, rank) VALUES ('crisismerge', 64)`,
    `INSERT INTO ${index} (${index}) VALUES ('rebuild')`,
  ];
});
