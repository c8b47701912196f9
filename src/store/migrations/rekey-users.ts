// Updates rows from older versions to the current rules: emails and names in NFC, and one key for each mailbox. If
// two accounts share a mailbox, both are kept: one gets the mailbox's key, the other keeps its old key.

import { type Kysely, sql } from 'kysely';
import { mailboxKey } from '../../model/mailbox.ts';
import type { Engine } from '../sql/engine.ts';
import type { Untyped } from '../sql/page.ts';

/** Selects the rows that the rules could change. All others are plain ASCII, which has only one form. */
export const inOtherForms = {
  sqlite: (text: string) => `(${text} GLOB '*[^ -~]*' OR email LIKE '%xn--%')`,
  postgres: (text: string) => `(${text} ~ '[^ -~]' OR email ILIKE '%xn--%')`,
};

export interface TextRow {
  readonly id: number;
  readonly email: string;
  readonly email_key: string;
  readonly first_name: string;
  readonly last_name: string;
}

const batchSize = 500;

/** Runs in the transaction of a migration. */
export async function rekeyUsers(db: Kysely<Untyped>, engine: Engine['name']): Promise<void> {
  const condition = sql.raw(inOtherForms[engine]('(email || first_name || last_name)'));
  for (let last = 0; ; ) {
    const { rows } = await sql<TextRow>`
      select id, email, email_key, first_name, last_name from users
      where id > ${last} and ${condition} order by id limit ${sql.lit(batchSize)}`.execute(db);
    for (const row of rows) await rekey(db, row);
    if (rows.length < batchSize) return;
    last = rows.at(-1)!.id;
  }
}

async function rekey(db: Kysely<Untyped>, row: TextRow): Promise<void> {
  const { id, email, first_name, last_name } = row;
  const texts = {
    email: email.normalize('NFC'),
    first_name: first_name.normalize('NFC'),
    last_name: last_name.normalize('NFC'),
  };
  const isRewritten =
    texts.email !== email || texts.first_name !== first_name || texts.last_name !== last_name;
  const key = mailboxKey(email);
  const isRekeyed = key !== row.email_key && !(await isTaken(db, key));
  if (!isRewritten && !isRekeyed) return;
  await db
    .updateTable('users')
    .set({
      ...(isRekeyed && { email_key: key }),
      // Cached responses are keyed by the revision.
      ...(isRewritten && { ...texts, revision: sql`revision + 1` }),
    })
    .where('id', '=', id)
    .execute();
}

async function isTaken(db: Kysely<Untyped>, key: string): Promise<boolean> {
  const holder = await db.selectFrom('users').select('id').where('email_key', '=', key).executeTakeFirst();
  return holder !== undefined;
}
