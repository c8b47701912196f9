// Decides which new entries a cache takes. Without it, clients who read more in turn than fits into the cache would evict with
// each entry the one that is needed next, and there would be no hits, only work for the garbage collector.

import type { CacheBudget } from './bounded-cache.ts';
import type { Doorkeeper } from './doorkeeper.ts';

/** When the cache is full, only one in this many new entries is admitted. */
const newcomersForPlace = 8;

export class Admission {
  readonly #asked: Doorkeeper;
  readonly #budget: CacheBudget;
  #newcomers = 0;

  /** @param asked what clients have asked for lately */
  constructor(asked: Doorkeeper, budget: CacheBudget) {
    this.#asked = asked;
    this.#budget = budget;
  }

  /** @param key of an entry that is not in the cache. It must be asked for a second time */
  admits(key: number | string): boolean {
    return (
      this.#asked.comesAgain(key) && (!this.#budget.isFull || ++this.#newcomers % newcomersForPlace === 0)
    );
  }
}
