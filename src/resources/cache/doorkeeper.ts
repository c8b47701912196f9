// A doorkeeper for caches: a Bloom filter with one hash that remembers recent keys, approximately and in constant
// memory. With it, records that are read only once, for example in a scan of a whole collection, are not cached.

const bits = 2 ** 20;

export class Doorkeeper {
  readonly #words = new Uint32Array(bits / 32);
  #count = 0;

  /** Whether the key was seen before; remembers it. At most one in eight new keys is reported as seen. */
  comesAgain(key: number | string): boolean {
    const bit = (typeof key === 'number' ? Math.imul(key, 0x9e3779b1) : fnv1a(key)) >>> 12;
    const word = bit >>> 5;
    const mask = 1 << (bit & 31);
    if ((this.#words[word]! & mask) !== 0) return true;
    // Reset when it is an eighth full: the keys in it are old.
    if (++this.#count > bits / 8) {
      this.#words.fill(0);
      this.#count = 1;
    }
    this.#words[word]! |= mask;
    return false;
  }
}

/** The 32-bit FNV-1a hash, over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
