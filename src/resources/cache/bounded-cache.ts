// A cache with a maximum total weight. It evicts the oldest entry first, but an entry that was read since gets a
// second chance (the clock algorithm). A hit costs no more than a lookup in a Map, unlike with an exact LRU order.

/** The memory limit that several caches share. If it is exceeded, the largest cache evicts entries. */
export class CacheBudget {
  readonly #maxWeight: number;
  readonly #caches: BoundedCache<unknown, unknown>[] = [];
  #weight = 0;
  #isFull = false;

  /** @param maxWeight maximum total weight of all entries, in the unit that the caches use */
  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight;
  }

  /** Whether a new entry evicts another one. */
  get isFull(): boolean {
    return this.#isFull;
  }

  join(cache: BoundedCache<never, never>): void {
    this.#caches.push(cache as unknown as BoundedCache<unknown, unknown>);
  }

  add(weight: number): void {
    this.#weight += weight;
    if (this.#weight <= this.#maxWeight) return;
    this.#isFull = true;
    while (this.#weight > this.#maxWeight) {
      const largest = this.#caches.reduce((most, cache) => (cache.weight > most.weight ? cache : most));
      this.#weight -= largest.evict(this.#weight - this.#maxWeight);
    }
  }
}

interface Entry<V> {
  readonly value: V;
  readonly weight: number;
  wasRead: boolean;
}

export class BoundedCache<K, V> {
  readonly #entries = new Map<K, Entry<V>>();
  /**
   * Goes on where the last eviction ended: a Map is iterated in insertion order, so entries that are put back at its end
   * are visited again. A new iterator would begin with all the places of deleted entries.
   */
  #oldest = this.#entries.entries();
  readonly #budget: CacheBudget;
  readonly #weigh: (value: V) => number;
  #weight = 0;

  /** @param budget shared with other caches, or the maximum weight of this cache alone */
  constructor(budget: CacheBudget | number, weigh: (value: V) => number) {
    this.#budget = typeof budget === 'number' ? new CacheBudget(budget) : budget;
    this.#weigh = weigh;
    this.#budget.join(this as unknown as BoundedCache<never, never>);
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.wasRead = true;
    return entry.value;
  }

  get weight(): number {
    return this.#weight;
  }

  set(key: K, value: V): void {
    const known = this.#entries.get(key);
    const entry = { value, weight: this.#weigh(value), wasRead: false };
    this.#entries.set(key, entry);
    const more = entry.weight - (known?.weight ?? 0);
    this.#weight += more;
    this.#budget.add(more);
  }

  /**
   * Evicts entries of at least this weight in total, or all entries.
   * @returns the evicted weight
   */
  evict(weight: number): number {
    const before = this.#weight;
    while (before - this.#weight < weight && this.#entries.size > 0) {
      const { done, value } = this.#oldest.next();
      if (done) this.#oldest = this.#entries.entries();
      else this.#pass(...value);
    }
    return before - this.#weight;
  }

  #pass(key: K, entry: Entry<V>): void {
    this.#entries.delete(key);
    if (entry.wasRead) {
      entry.wasRead = false;
      this.#entries.set(key, entry);
    } else this.#weight -= entry.weight;
  }
}
