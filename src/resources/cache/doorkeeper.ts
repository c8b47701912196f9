// Which keys came lately, nearly: a Bloom filter of one hash. What is read once, as in a walk over everything, is told from
// what is read again, in a memory that does not grow.

const bits = 2 ** 20;

export class Doorkeeper {
  readonly #words = new Uint32Array(bits / 32);
  #count = 0;

  /** Whether the key came before; of those that did not, at most one in eight is taken for one that did. */
  comesAgain(key: number | string): boolean {
    const bit = (typeof key === 'number' ? Math.imul(key, 0x9e3779b1) : fnv1a(key)) >>> 12;
    const word = bit >>> 5;
    const mask = 1 << (bit & 31);
    if ((this.#words[word]! & mask) !== 0) return true;
    // Full enough: what came before is long ago.
    if (++this.#count > bits / 8) {
      this.#words.fill(0);
      this.#count = 1;
    }
    this.#words[word]! |= mask;
    return false;
  }
}

/** Fowler, Noll and Vo's hash of 32 bits, over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
