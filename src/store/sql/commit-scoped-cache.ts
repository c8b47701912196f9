// What was read, recalled until anyone commits.

import type { Engine } from './engine.ts';

const maxEntries = 25_000;

/** Remembers nothing where the engine does not tell of commits. To be asked before the database is: it may be newer then, and never older. */
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
