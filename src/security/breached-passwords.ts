// Whether a password has appeared in a data breach (NIST SP 800-63B-4 section 3.1.1.2; ASVS 6.2.12): asked of a range server
// or of a file. If the source does not answer, the password is accepted, because nobody should lose access to their account
// when somebody else's server is down.

import { hash } from 'node:crypto';
import { breachFile } from './breach-file.ts';
import { breachRanges } from './breach-ranges.ts';
import { BreachSourceError } from './breach-source-error.ts';

export interface BreachSettings {
  /** `off`, `hibp`, or `file:` and a path. */
  readonly breachedPasswords: string;
  /** Of the range server. */
  readonly breachedPasswordsUrl: string;
  readonly breachedPasswordsTimeoutMs: number;
}

export interface BreachSource {
  /**
   * @param sha1 40 hexadecimal digits in upper case
   * @throws BreachSourceError if the source does not answer
   */
  includes(sha1: string): Promise<boolean>;
  /** @throws BreachSourceError with the reason, if the source does not work */
  check(): Promise<void>;
}

/** `unknown`: the source did not answer, and the password is accepted. */
export const breachResults = ['found', 'not_found', 'unknown'] as const;

export type BreachResult = (typeof breachResults)[number];

export interface BreachWatch {
  readonly onResult: (result: BreachResult) => void;
  /**
   * Called at most once a minute.
   * @param passwords how many were accepted without a look-up since the last call
   */
  readonly onUnknown: (reason: string, passwords: number) => void;
}

export interface BreachedPasswords {
  /** @param password normalized to NFC */
  include(password: string): Promise<boolean>;
}

/** Of no breach. */
export const noBreaches: BreachedPasswords = { include: async () => false };

/** @returns null if breaches are off */
export function breachSource({
  breachedPasswords: source,
  breachedPasswordsUrl: url,
  breachedPasswordsTimeoutMs: timeoutMs,
}: BreachSettings): BreachSource | null {
  if (source === 'off') return null;
  return source === 'hibp' ? breachRanges(url, timeoutMs) : breachFile(source.slice('file:'.length));
}

const reportEveryMs = 60_000;

/** @param clock milliseconds since 1970 */
export function breachedPasswords(
  settings: BreachSettings,
  { onResult, onUnknown }: BreachWatch,
  clock: () => number = Date.now,
): BreachedPasswords {
  const source = breachSource(settings);
  if (source === null) return noBreaches;
  let unreported = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  const report = (reason: string) => {
    unreported++;
    if (Math.abs(clock() - reportedAt) < reportEveryMs) return;
    reportedAt = clock();
    onUnknown(reason, unreported);
    unreported = 0;
  };
  return {
    async include(password) {
      try {
        const isFound = await source.includes(hash('sha1', password, 'hex').toUpperCase());
        onResult(isFound ? 'found' : 'not_found');
        return isFound;
      } catch (error) {
        if (!(error instanceof BreachSourceError)) throw error;
        onResult('unknown');
        report(error.message);
        return false;
      }
    },
  };
}
