// Organizations, see Organizations in ../accounts.ts.

import type { Organizations } from '../accounts.ts';
import type { Database, Engine } from '../sql/engine.ts';

const columns = ['id', 'name', 'slug', 'created_at'] as const;

export function organizations(db: Database, engine: Engine): Organizations {
  return {
    async create(name, now, id) {
      const row = await db
        .insertInto('organizations')
        .values({ name, created_at: now, ...(id !== undefined && { id }) })
        .returning(columns)
        .executeTakeFirstOrThrow();
      if (id !== undefined) await engine.advanceSequence(db, 'organizations');
      const slug = organizationSlug(row.id, name);
      await db.updateTable('organizations').set({ slug }).where('id', '=', row.id).execute();
      return { ...row, slug };
    },
    async find(id) {
      const row = await db
        .selectFrom('organizations')
        .select(columns)
        .where('id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },
    list: () => db.selectFrom('organizations').select(columns).orderBy('id').execute(),
  };
}

/**
 * For example `74-organization74`: the id, then the words of the name in lower case, joined by hyphens. A word is a
 * run of letters and digits.
 */
export function organizationSlug(id: number, name: string): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return [id, ...words].join('-');
}
