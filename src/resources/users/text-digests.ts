// A set of texts that takes 8 bytes for each, and some space to grow.

import { hash } from 'node:crypto';

export interface TextDigests {
  readonly size: number;
  /** Whether the text was added. The chance that any of ten million texts counts as another is 1 in 300,000. */
  has(text: string): boolean;
  add(text: string): void;
}

const firstSlots = 1024;

/** An open hash table with linear probing. Each slot has a digest of 64 bits in two numbers, or zeros if it is free. */
export function textDigests(): TextDigests {
  let slots = new Uint32Array(2 * firstSlots);
  let size = 0;

  /** Where the digest is, or where it is to be. */
  function placeOf(low: number, high: number): number {
    let place = (2 * low) % slots.length;
    while (!isFree(place) && (slots[place] !== low || slots[place + 1] !== high))
      place = (place + 2) % slots.length;
    return place;
  }

  function isFree(place: number): boolean {
    return slots[place] === 0 && slots[place + 1] === 0;
  }

  function put(low: number, high: number): void {
    const place = placeOf(low, high);
    if (isFree(place)) size++;
    slots[place] = low;
    slots[place + 1] = high;
  }

  function grow(): void {
    const before = slots;
    slots = new Uint32Array(2 * before.length);
    size = 0;
    for (let i = 0; i < before.length; i += 2)
      if (before[i] !== 0 || before[i + 1] !== 0) put(before[i]!, before[i + 1]!);
  }

  return {
    get size() {
      return size;
    },
    has: (text) => !isFree(placeOf(...digestOf(text))),
    add(text) {
      put(...digestOf(text));
      // Three quarters of the slots.
      if (size * 8 > slots.length * 3) grow();
    },
  };
}

function digestOf(text: string): [low: number, high: number] {
  const digest = hash('sha256', text, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
}
