// On SQLite, the people of an account with many are changed before the account, a few at a time: see
// store/sql/copy-first.ts. Then the triggers have nothing to do, and look at the first person only.

const values = [
  ['email', 'email_key'],
  ['first_name', 'first_name_key'],
  ['last_name', 'last_name_key'],
  ['avatar_url'],
  ['two_factor_auth'],
];

export const sqlite = values.flatMap((columns) => {
  const differ = (other: string) =>
    columns.map((name) => `${other}.${name} IS DISTINCT FROM new.${name}`).join(' OR ');
  return [
    `DROP TRIGGER users_copied_${columns[0]}`,
    `CREATE TRIGGER users_copied_${columns[0]} AFTER UPDATE OF ${columns.join()} ON users
      WHEN (${differ('old')}) AND EXISTS (
        SELECT 1 FROM (
          SELECT ${columns.join()} FROM people WHERE user_id = new.id ORDER BY organization_id LIMIT 1
        ) AS first WHERE ${differ('first')}
      )
      BEGIN
        UPDATE people SET revision = revision + 1, ${columns.map((name) => `${name} = new.${name}`).join()}
          WHERE user_id = new.id;
      END`,
  ];
});
