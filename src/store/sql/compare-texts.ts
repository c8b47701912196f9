// Compares the indexes of texts with the rows: for each text the number of its entries, and a sum of a number for each
// entry. To compare all entries would take the memory of the whole index.

import type { Kysely } from 'kysely';
import type { Resource } from '../../model/resource.ts';
import type { Database, Engine, EntrySum } from './engine.ts';
import { currentTexts, entriesOf, firstTextId, indexedTexts, searchedTexts } from './index-texts.ts';
import type { Untyped } from './page.ts';
import { type ResourceTable, resourceTable } from './resource-table.ts';
import { type Entry, gramText } from './short-texts.ts';

export interface IndexDifference {
  readonly table: string;
  readonly index: 'short texts' | 'trigrams';
  /** At least this many entries. */
  readonly missing: number;
  readonly extra: number;
}

const idsAtOnce = 4096;

/** The number of an id in sums, as in the queries of the engines. Sums of a hundred million stay exact. */
function idNumber(id: number): number {
  const rest = id % 67_108_864;
  return ((rest * rest) % 67_108_859) + 1;
}

/** Compares the indexes of a resource, each in the state of one moment. @returns what differs */
export async function indexDifferences(
  engine: Engine,
  resource: Resource,
  indexes: readonly IndexDifference['index'][] = ['short texts', 'trigrams'],
): Promise<readonly IndexDifference[]> {
  const table = resourceTable(resource);
  const differences: IndexDifference[] = [];
  for (const index of indexes) {
    const compare = index === 'trigrams' ? trigramDifference : shortTextDifference;
    const found = await engine.snapshot((snapshot) => compare(engine, snapshot, table));
    if (found.missing > 0 || found.extra > 0) differences.push({ table: table.name, index, ...found });
  }
  return differences;
}

async function shortTextDifference({ shortTexts }: Engine, snapshot: Database, table: ResourceTable) {
  if (!table.resource.indexesShortTexts) return none;
  const wanted = new Sums<Entry>();
  for await (const row of rowsOf(snapshot, table, indexedTexts)) {
    const number = idNumber(row.id);
    for (const entry of entriesOf(table, row)) wanted.add(entry, number);
  }
  return difference(await shortTexts.sums(snapshot, table.name), wanted.by(gramText));
}

/** The trigrams of a text, each at every position. They are committed with the row. */
async function trigramDifference({ search }: Engine, snapshot: Database, table: ResourceTable) {
  if (search === null || table.searchColumns.length === 0) return none;
  const wanted = new Sums<string>();
  for await (const row of rowsOf(snapshot, table, currentTexts)) {
    const number = idNumber(row.id);
    for (const [column, text] of searchedTexts(table, row).entries()) {
      const points = [...text];
      for (let i = 2; i < points.length; i++)
        wanted.add(points[i - 2]! + points[i - 1]! + points[i]!, number * (column + 1));
    }
  }
  return difference(await search.sums(snapshot, table.name, table.searchColumns), wanted.by(String));
}

const none = { missing: 0, extra: 0 };

/** @param read the texts with which an index is compared */
async function* rowsOf(snapshot: Database, table: ResourceTable, read: typeof indexedTexts) {
  const on = { db: snapshot as unknown as Kysely<Untyped>, table };
  for (let first = await firstTextId(on, 0); first !== null; first = await firstTextId(on, first + idsAtOnce))
    yield* await read(on, first, first + idsAtOnce);
}

interface Sum {
  entries: number;
  sum: number;
}

class Sums<K> {
  readonly #sums = new Map<K, Sum>();

  add(key: K, number: number): void {
    const known = this.#sums.get(key);
    if (known === undefined) this.#sums.set(key, { entries: 1, sum: number });
    else {
      known.entries++;
      known.sum += number;
    }
  }

  by(textOf: (key: K) => string): Map<string, Sum> {
    return new Map(Array.from(this.#sums, ([key, sum]) => [textOf(key), sum]));
  }
}

function difference(found: readonly EntrySum[], wanted: Map<string, Sum>) {
  let missing = 0;
  let extra = 0;
  for (const { text, entries, sum } of found) {
    const expected = wanted.get(text) ?? { entries: 0, sum: 0 };
    wanted.delete(text);
    const more = entries - expected.entries;
    // The same number of entries, but of other rows.
    const isOther = more === 0 && sum !== expected.sum;
    if (more < 0 || isOther) missing += Math.max(-more, 1);
    if (more > 0 || isOther) extra += Math.max(more, 1);
  }
  for (const { entries } of wanted.values()) missing += entries;
  return { missing, extra };
}
