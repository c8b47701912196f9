// Ids that come from outside: decimal digits and nothing else.

/** Ids that tables give come behind the largest one, so there is room left up to 2^53. */
const largestGiven = 999_999_999_999_999;

/** An id that the caller chooses for a new record: a number, or its decimal digits. */
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

/** An id as URLs, headers and command lines hold it, or null where no record can have it. */
export function readId(text: string): number | null {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0;
  return Number.isSafeInteger(id) && id >= 1 ? id : null;
}
