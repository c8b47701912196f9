import type { Filter } from '../../model/query.ts';
import type { RecordOf, Resource } from '../../model/resource.ts';
import type { Store } from '../../store/store.ts';
import { pagesOfRows } from '../import-export/pages-of-rows.ts';
import { type OutputOptions, type OutputRow, printCut, printPages } from '../print.ts';

export interface PrintedRecords<R extends Resource> {
  readonly filter: Filter | null;
  readonly limit: number;
  /** What they are, for example `accounts`. */
  readonly what: string;
  summaryOf(record: RecordOf<R>): OutputRow;
}

/** Prints the first records of a resource, in the order of ids, and on standard error if there are more. */
export async function printRecords<R extends Resource>(
  store: Store,
  resource: R,
  { filter, limit, what, summaryOf }: PrintedRecords<R>,
  output: OutputOptions,
): Promise<void> {
  let shown = 0;
  async function* pages() {
    for await (const page of pagesOfRows(store, resource, filter)) {
      const rows = page.slice(0, limit - shown).map(summaryOf);
      shown += rows.length;
      yield rows;
      if (shown === limit) return;
    }
  }
  await printPages(pages(), output);
  printCut(shown, await store.read.records(resource).count(filter, null), what);
}
