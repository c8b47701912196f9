// A set of texts that takes 12 bytes for each, and some space to grow. A text may have a short value.

import { hash } from 'node:crypto';

export interface TextDigests {
  readonly size: number;
  /** Whether the text was added. The chance that any of ten million texts counts as another is 1 in 300,000. */
  has(text: string): boolean;
  /** @param value kept beside it; by default empty. A text that was added before keeps its value */
  add(text: string, value?: string): void;
  /** Of a text; empty if it was not added. */
  valueOf(text: string): string;
}

const firstSlots = 1024;
const firstBytes = 16 * 1024;

/**
 * An open hash table with linear probing. Each slot has a digest of 64 bits in two numbers, or zeros if it is free, and the
 * place of the value, which is 0 if it is empty.
 */
export function textDigests(): TextDigests {
  let slots = new Uint32Array(3 * firstSlots);
  let size = 0;
  let values: Uint8Array = new Uint8Array(firstBytes);
  let end = 1;

  /** Where the digest is, or where it is to be. */
  function placeOf(low: number, high: number): number {
    let place = (3 * low) % slots.length;
    while (!isFree(place) && (slots[place] !== low || slots[place + 1] !== high))
      place = (place + 3) % slots.length;
    return place;
  }

  function isFree(place: number): boolean {
    return slots[place] === 0 && slots[place + 1] === 0;
  }

  function grow(): void {
    const before = slots;
    slots = new Uint32Array(2 * before.length);
    for (let i = 0; i < before.length; i += 3)
      if (before[i] !== 0 || before[i + 1] !== 0)
        slots.set(before.subarray(i, i + 3), placeOf(before[i]!, before[i + 1]!));
  }

  /** The size in two bytes, and the value. @returns where it is */
  function keep(value: string): number {
    if (value === '') return 0;
    const bytes = Buffer.from(value);
    const place = end;
    end += 2 + bytes.length;
    if (end > values.length) {
      const larger = new Uint8Array(2 * Math.max(values.length, end));
      larger.set(values);
      values = larger;
    }
    values[place] = bytes.length & 255;
    values[place + 1] = bytes.length >> 8;
    values.set(bytes, place + 2);
    return place;
  }

  return {
    get size() {
      return size;
    },
    has: (text) => !isFree(placeOf(...digestOf(text))),
    add(text, value = '') {
      const [low, high] = digestOf(text);
      const place = placeOf(low, high);
      if (!isFree(place)) return;
      slots.set([low, high, keep(value)], place);
      // Three quarters of the slots.
      if (++size * 4 > slots.length) grow();
    },
    valueOf(text) {
      const place = slots[placeOf(...digestOf(text)) + 2]!;
      if (place === 0) return '';
      const length = values[place]! + 256 * values[place + 1]!;
      return Buffer.from(values.subarray(place + 2, place + 2 + length)).toString();
    },
  };
}

function digestOf(text: string): [low: number, high: number] {
  const digest = hash('sha256', text, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
}
