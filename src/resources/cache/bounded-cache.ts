// A map that stays below a weight: room is made from the oldest on, and what was asked for meanwhile is passed over once
// (second chance). A hit costs no more than a map's, unlike in an exact least-recently-used order.

interface Entry<V> {
  readonly value: V;
  readonly weight: number;
  isAskedFor: boolean;
}

export class BoundedCache<K, V> {
  readonly #entries = new Map<K, Entry<V>>();
  readonly #maxWeight: number;
  readonly #weigh: (value: V) => number;
  #weight = 0;
  #isFull = false;

  /** @param maxWeight of all entries together, in the unit of `weigh` */
  constructor(maxWeight: number, weigh: (value: V) => number) {
    this.#maxWeight = maxWeight;
    this.#weigh = weigh;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.isAskedFor = true;
    return entry.value;
  }

  /** Whether what is new takes the place of something else. */
  get isFull(): boolean {
    return this.#isFull;
  }

  set(key: K, value: V): void {
    const known = this.#entries.get(key);
    const entry = { value, weight: this.#weigh(value), isAskedFor: false };
    this.#entries.set(key, entry);
    this.#weight += entry.weight - (known?.weight ?? 0);
    if (this.#weight <= this.#maxWeight) return;
    this.#isFull = true;
    this.#makeRoom();
  }

  #makeRoom(): void {
    // A map is walked in the order of insertion, and what is put back at its end is met again.
    for (const [key, entry] of this.#entries) {
      if (this.#weight <= this.#maxWeight) return;
      this.#entries.delete(key);
      if (entry.isAskedFor) {
        entry.isAskedFor = false;
        this.#entries.set(key, entry);
      } else this.#weight -= entry.weight;
    }
  }
}
