// Inserts organizations, for requests, commands and imports.

import type { ValuesOf } from '../../model/resource.ts';
import type { Transaction } from '../../store/store.ts';
import { newColumns } from '../operations/changed-columns.ts';
import { type Author, recordChange } from '../operations/record-change.ts';
import type { CreationRules } from '../operations/write-rules.ts';
import { organizationSlug, organizations } from './organizations.ts';

type Values = ValuesOf<typeof organizations> & { readonly name: string };

/**
 * @param values with an id if the id must be preserved, for example in an import
 * @param now milliseconds since 1970
 * @returns the id
 */
export async function insertOrganization(
  { records }: Pick<Transaction, 'records'>,
  values: Values & { readonly id?: number },
  now: number,
): Promise<number> {
  const columns = newColumns(organizations, values, now);
  if (values.id !== undefined) {
    const slug = organizationSlug(values.id, values.name);
    return records(organizations).insert({ ...columns, slug });
  }
  const id = await records(organizations).insert(columns);
  await records(organizations).update(id, { slug: organizationSlug(id, values.name) });
  return id;
}

/** The same for an organization that no operation creates: records it. */
export async function foundOrganization(
  transaction: Transaction,
  author: Author,
  values: Values & { readonly id?: number },
  now: number,
): Promise<number> {
  const id = await insertOrganization(transaction, values, now);
  const after = (await transaction.records(organizations).find(id))!;
  recordChange(transaction, author, organizations, { verb: 'create', before: null, after });
  return id;
}

export const organizationCreation: CreationRules<typeof organizations> = {
  extra: () => [],
  prepare: async () => ({
    violations: [],
    finish: async () => (transaction, _author, values, now) =>
      insertOrganization(transaction, values as Values, now),
  }),
  secrets: [],
  hasSecrets: async () => true,
};
