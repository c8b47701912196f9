// Breached passwords of a range server, as of Have I Been Pwned: it learns the first five digits of a hash, and answers with
// the rest of all hashes that begin so. Padding hides the number of these from whoever sees the size of the answer.

import { BreachSourceError } from './breach-source-error.ts';
import type { BreachSource } from './breached-passwords.ts';

const prefixLength = 5;

/** @param url of the server, without `/range` */
export function breachRanges(url: string, timeoutMs: number): BreachSource {
  /** The rest of each hash in upper case, and how often it was found; 0 is padding. */
  async function range(prefix: string): Promise<[rest: string, count: number][]> {
    const { pwnedPasswordRange } = await import('hibp');
    const options = { baseUrl: url, timeoutMs, addPadding: true, userAgent: 'Muster' };
    const answer = await pwnedPasswordRange(prefix, options).catch((error) => {
      throw new BreachSourceError(reasonOf(error, timeoutMs), { cause: error });
    });
    const entries = Object.entries(answer);
    // The padded answer for any prefix has hundreds of lines. A page of a proxy is no answer.
    if (entries.length === 0 || !entries.every(isOfRange))
      throw new BreachSourceError('answers with something else than a range of hashes');
    return entries.map(([rest, count]) => [rest.toUpperCase(), count]);
  }

  return {
    async includes(sha1) {
      const [prefix, rest] = [sha1.slice(0, prefixLength), sha1.slice(prefixLength)];
      return (await range(prefix)).some(([found, count]) => found === rest && count > 0);
    },
    check: async () => void (await range('0'.repeat(prefixLength))),
  };
}

function isOfRange([rest, count]: [string, number]): boolean {
  return /^[\dA-Fa-f]{35}$/.test(rest) && count >= 0;
}

/** Never the text of an answer: somebody else has written it. */
function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'does not answer';
  if (error.name === 'TimeoutError') return `does not answer within ${timeoutMs} ms`;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code !== undefined) return `cannot be reached (${code})`;
  return error instanceof TypeError ? 'cannot be reached' : 'answers with an error';
}
