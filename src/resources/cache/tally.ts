// How many records of a list are in each slice of ids, for a resource whose records are added and never change. A slice
// is counted once, so a total costs the records that were added since it was last asked for. The slices also tell where
// a page by number begins.

import { setImmediate } from 'node:timers/promises';
import type { Additions, IdRange, PageRow } from '../../store/store.ts';

/** Ids in a slice: counting one takes a few milliseconds, in which SQLite answers nobody else. */
export const idsInSlice = 5000;

/** The records of one list. */
export interface Counted {
  additions(): Promise<Additions>;
  /** The smallest id of the resource; 0 if it has no records. */
  firstId(): Promise<number>;
  countWithin(range: IdRange): Promise<number>;
  rowsWithin(
    range: IdRange,
    part: { readonly skip: number; readonly take: number },
  ): Promise<readonly PageRow[]>;
}

interface Slice extends IdRange {
  readonly count: number;
}

export interface Tallied {
  readonly total: number;
  readonly slices: readonly Slice[];
}

export class Tally {
  /** By number of the slice. Only slices to which no record can be added any more. */
  readonly #counts = new Map<number, number>();
  #firstId = 0;
  /** No record up to this id can become visible any more, see ../operations/follow-records.ts. */
  #settled = 0;
  #next: Additions = { lastId: 0, writers: [] };
  #running: Promise<Tallied> | null = null;

  /** Requests that come together count together. */
  count(records: Counted): Promise<Tallied> {
    this.#running ??= this.#count(records).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #count(records: Counted): Promise<Tallied> {
    const { lastId } = await this.#settle(records);
    const firstId = await records.firstId();
    const first = sliceOf(firstId);
    if (firstId !== this.#firstId) {
      // Old records were deleted.
      for (const slice of this.#counts.keys()) if (slice <= first) this.#counts.delete(slice);
      this.#firstId = firstId;
    }
    const slices: Slice[] = [];
    let total = 0;
    for (let slice = first; slice * idsInSlice < lastId; slice++) {
      const end = (slice + 1) * idsInSlice;
      const range = { above: slice * idsInSlice, upTo: Math.min(end, lastId) };
      let count = this.#counts.get(slice);
      if (count === undefined) {
        count = await records.countWithin(range);
        if (end <= this.#settled) this.#counts.set(slice, count);
        await setImmediate();
      }
      if (count > 0) slices.push({ ...range, count });
      total += count;
    }
    return { total, slices };
  }

  /** Before the records are counted: what transactions have committed that are not among the writers is counted. */
  async #settle(records: Counted): Promise<Additions> {
    const current = await records.additions();
    if (!this.#next.writers.some((writer) => current.writers.includes(writer))) {
      this.#settled = current.writers.length === 0 ? current.lastId : this.#next.lastId;
      this.#next = current;
    }
    return current;
  }
}

function sliceOf(id: number): number {
  return Math.floor(Math.max(id - 1, 0) / idsInSlice);
}

/** The rows of a part of the list, in ascending order. It reads only slices that have some of them. */
export async function rowsOf(
  { slices }: Tallied,
  records: Counted,
  { skip, take }: { readonly skip: number; readonly take: number },
): Promise<readonly PageRow[]> {
  const rows: PageRow[] = [];
  let before = 0;
  for (const { count, ...range } of slices) {
    const skipped = Math.max(skip - before, 0);
    const left = Math.min(count - skipped, skip + take - before - skipped);
    if (left > 0) {
      rows.push(...(await records.rowsWithin(range, { skip: skipped, take: left })));
      await setImmediate();
    }
    before += count;
    if (before >= skip + take) break;
  }
  return rows;
}
