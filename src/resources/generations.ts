// A bounded map that forgets what was not asked for lately: two generations, the older dropped when the younger is full.
// Cheaper on every read than an exact least-recently-used order, and as bounded.

export class Generations<K, V> {
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  #youngWeight = 0;
  readonly #maxWeight: number;
  readonly #weigh: (value: V) => number;

  /** @param maxWeight of all entries together, in the unit of `weigh` */
  constructor(maxWeight: number, weigh: (value: V) => number) {
    this.#maxWeight = maxWeight;
    this.#weigh = weigh;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.set(key, old);
    }
    return old;
  }

  set(key: K, value: V): void {
    this.#young.set(key, value);
    this.#youngWeight += this.#weigh(value);
    if (this.#youngWeight > this.#maxWeight / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngWeight = 0;
    }
  }
}
