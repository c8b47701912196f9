/**
 * A key for a RequestCounter: a negative number from 52 bits of a digest, so that it never equals the id of a token.
 * @param digest hexadecimal
 */
export function counterKey(digest: string): number {
  return -1 - Number.parseInt(digest.slice(0, 13), 16);
}
