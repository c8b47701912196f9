// A cache that is cleared when any connection commits.

import type { Engine } from './engine.ts';

const maxEntries = 25_000;

/**
 * Disabled when the engine has no commit counter. Call `get` before the query: then a stored value can be newer than
 * the commit counter it is stored under, but never older.
 */
export class CommitScopedCache<K, V> {
  readonly #engine: Engine;
  readonly #known = new Map<K, V>();
  #version: number | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get(key: K): V | undefined {
    const version = this.#engine.commitCounter();
    if (version !== this.#version) {
      this.#known.clear();
      this.#version = version;
    }
    return this.#known.get(key);
  }

  set(key: K, value: V): void {
    if (this.#version === null) return;
    if (this.#known.size >= maxEntries) this.#known.clear();
    this.#known.set(key, value);
  }
}
