// Reads ids in input: decimal digits only.

/** Generated ids continue after the largest existing id, so this leaves room below 2^53. */
const largestGiven = 999_999_999_999_999;

/** Reads an id that is given for a new record: a number, or its decimal digits. */
export function givenId(value: unknown): number | { problem: string } {
  const id =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value)
        ? Number(value)
        : 0;
  return Number.isSafeInteger(id) && id >= 1 && id <= largestGiven
    ? id
    : { problem: `is not a whole number from 1 to ${largestGiven}` };
}

/**
 * Reads an id in a URL, a header or a command line.
 * @returns null if no record can have this id
 */
export function readId(text: string): number | null {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0;
  return Number.isSafeInteger(id) && id >= 1 ? id : null;
}
