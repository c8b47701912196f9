// Checks at the start that the database has the tables, columns and indexes that each resource needs. The definition
// of a resource and its migration are both written by hand; if they differ, the start fails, not the first request.

import { sql } from 'kysely';
import type { Kind } from '../../model/kind.ts';
import { identifier, numericIdentifier } from '../../model/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import type { Engine } from './engine.ts';
import { resourceTable } from './resource-table.ts';
import { shortTextColumns } from './short-texts.ts';

/** @throws Error that lists all missing parts */
export async function assertParts(engine: Engine, resources: readonly Resource[]): Promise<void> {
  const needed = resources.flatMap(neededBy);
  const valueIndexes = resources.flatMap(valueIndexesOf);
  const columns = await engine.columnsOf([
    ...needed.map(({ relation }) => relation),
    ...valueIndexes.flatMap(({ indexes }) => indexes.map(({ relation }) => relation)),
  ]);
  const missing = needed.flatMap(({ relation, isIndex, columns: wanted }) => {
    const found = columns.get(relation);
    if (found === undefined)
      return [
        isIndex ? `there is no index ${relation} (${wanted.join(', ')})` : `there is no table ${relation}`,
      ];
    const absent = wanted.filter((name) => !found.includes(name));
    if (absent.length > 0)
      return [`the ${isIndex ? 'index' : 'table'} ${relation} has no column ${absent.join(', ')}`];
    return [];
  });
  for (const { table, column, indexes } of valueIndexes)
    if (!indexes.some(({ relation, position }) => columns.get(relation)?.[position] === column))
      missing.push(`there is no index ${table}_${column} (${column})`);
  const counted = await sql<{ name: string }>`select distinct name from collections`.execute(engine.reader);
  for (const { type } of resources)
    if (!counted.rows.some(({ name }) => name === type))
      missing.push(`the table collections has no row '${type}'`);
  if (missing.length > 0)
    throw new Error(`the resources need more than the migrations made: ${missing.join('; ')}`);
}

interface Needed {
  readonly relation: string;
  /** Only decides the wording of the message: SQLite's text index is technically a table. */
  readonly isIndex: boolean;
  readonly columns: readonly string[];
}

function neededBy(resource: Resource): Needed[] {
  const { name, identities, foldedColumns, searchColumns, joined } = resourceTable(resource);
  const index = (suffix: string, columns: readonly string[]): Needed => ({
    relation: `${name}_${suffix}`,
    isIndex: true,
    columns,
  });
  return [
    { relation: name, isIndex: false, columns: ['id', 'revision', ...resource.columns, ...foldedColumns] },
    ...joined.map(({ table, column }) => ({
      relation: table,
      isIndex: false,
      columns: ['id', 'revision', column],
    })),
    ...(resource.isAppended ? [] : [index('versions', ['id', 'revision'])]),
    ...identities.map((column) => index(column, [column])),
    ...(searchColumns.length === 0 ? [] : [index('search', searchColumns)]),
    ...(resource.indexesShortTexts
      ? [
          { relation: `${name}_unindexed`, isIndex: false, columns: ['id', ...shortTextColumns(resource)] },
          { relation: `${name}_grams`, isIndex: false, columns: [] },
        ]
      : []),
  ];
}

interface ValueIndex {
  readonly table: string;
  readonly column: string;
  /** One of these is enough, if the column is at its position. */
  readonly indexes: readonly { readonly relation: string; readonly position: number }[];
}

/** The indexes of sorts and filters: of all records, or of those that belong to one record, such as an organization. */
function valueIndexesOf(resource: Resource): ValueIndex[] {
  const { name: table, indexedColumns } = resourceTable(resource);
  const owners = indexedColumns.filter((name) => identifiers.includes(resource.attributes[name]?.kind));
  return indexedColumns.map((column) => ({
    table,
    column,
    indexes: [
      { relation: `${table}_${column}`, position: 0 },
      ...owners.map((owner) => ({ relation: `${table}_${owner}_${column}`, position: 1 })),
    ],
  }));
}

const identifiers: readonly (Kind | undefined)[] = [identifier, numericIdentifier];
