// Folds the names of organizations from older versions. SQL has already folded those in plain ASCII.

import { type Kysely, sql } from 'kysely';
import { fold } from '../../model/text.ts';
import type { Engine } from '../sql/engine.ts';
import type { Untyped } from '../sql/page.ts';

const isNotAscii = { sqlite: `name GLOB '*[^ -~]*'`, postgres: `name ~ '[^ -~]'` };

const batchSize = 500;

/** Runs in the transaction of a migration. */
export async function foldOrganizationNames(db: Kysely<Untyped>, engine: Engine['name']): Promise<void> {
  for (let last = 0; ; ) {
    const { rows } = await sql<{ id: number; name: string }>`
      select id, name from organizations where id > ${last} and ${sql.raw(isNotAscii[engine])}
      order by id limit ${sql.lit(batchSize)}`.execute(db);
    for (const { id, name } of rows)
      await db
        .updateTable('organizations')
        .set({ name_key: fold(name) })
        .where('id', '=', id)
        .execute();
    if (rows.length < batchSize) return;
    last = rows.at(-1)!.id;
  }
}
