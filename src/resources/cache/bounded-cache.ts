// Maps that stay below a weight together: room is made from the oldest entry on, and what was asked for meanwhile is passed
// over once (second chance). A hit costs no more than a map's, unlike in an exact least-recently-used order.

/** The memory that several caches share. Where it is full, the cache that holds the most makes room. */
export class CacheBudget {
  readonly #maxWeight: number;
  readonly #caches: BoundedCache<unknown, unknown>[] = [];
  #weight = 0;
  #isFull = false;

  /** @param maxWeight of all entries together, in the unit in which their caches weigh them */
  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight;
  }

  /** Whether what is new takes the place of something else. */
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
  isAskedFor: boolean;
}

export class BoundedCache<K, V> {
  readonly #entries = new Map<K, Entry<V>>();
  readonly #budget: CacheBudget;
  readonly #weigh: (value: V) => number;
  #weight = 0;

  /** @param budget shared with other caches, or how much this one alone may hold */
  constructor(budget: CacheBudget | number, weigh: (value: V) => number) {
    this.#budget = typeof budget === 'number' ? new CacheBudget(budget) : budget;
    this.#weigh = weigh;
    this.#budget.join(this as unknown as BoundedCache<never, never>);
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.isAskedFor = true;
    return entry.value;
  }

  get weight(): number {
    return this.#weight;
  }

  set(key: K, value: V): void {
    const known = this.#entries.get(key);
    const entry = { value, weight: this.#weigh(value), isAskedFor: false };
    this.#entries.set(key, entry);
    const more = entry.weight - (known?.weight ?? 0);
    this.#weight += more;
    this.#budget.add(more);
  }

  /** Gives up that much, or all that there is. @returns how much it was */
  evict(weight: number): number {
    const before = this.#weight;
    // A map is walked in the order of insertion, and what is put back at its end is met again.
    for (const [key, entry] of this.#entries) {
      if (before - this.#weight >= weight) break;
      this.#entries.delete(key);
      if (entry.isAskedFor) {
        entry.isAskedFor = false;
        this.#entries.set(key, entry);
      } else this.#weight -= entry.weight;
    }
    return before - this.#weight;
  }
}
