// Caches totals of lists. A total is stored with the version of its collection, and used only while the database has
// that version. So it is always exact. The cost: the first list after a write counts again.

import { chain } from '../../model/awaitable.ts';
import type { Tallies, Totals } from '../operation.ts';
import { BoundedCache } from './bounded-cache.ts';
import { Tally } from './tally.ts';

export function totalsCache(maxEntries: number): Totals {
  const kept = new BoundedCache<string, { version: number; total: number }>(maxEntries, () => 1);
  return {
    of(key, version, count) {
      const known = kept.get(key);
      if (known?.version === version) return known.total;
      return chain(count(), (total) => {
        kept.set(key, { version, total });
        return total;
      });
    },
  };
}

/** Tallies of lists whose records only grow in number, by a key as for totals. */
export function talliesCache(maxEntries: number): Tallies {
  const kept = new BoundedCache<string, Tally>(maxEntries, () => 1);
  return {
    of(key) {
      const known = kept.get(key);
      if (known !== undefined) return known;
      const tally = new Tally();
      kept.set(key, tally);
      return tally;
    },
  };
}
