// Password hashing: argon2id on the worker pool, a bounded number at a time and a bounded number waiting. What does not
// fit is refused at once, so that a flood of password checks never delays other requests.

import { availableParallelism } from 'node:os';
import { type Algorithm, hash } from '@node-rs/argon2';
import { ApiError } from '../errors.ts';
import { verifyHash } from './hash-formats.ts';
import { isTooLong, normalizePassword } from './password-policy.ts';

// OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, 2 iterations, 1 lane. (2 is the library's value of Argon2id; its
// enum is a const enum, which type stripping cannot read.)
const parameters = { algorithm: 2 as Algorithm, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const ownPrefix = '$argon2id$v=19$m=19456,t=2,p=1$';

export interface PasswordHasher {
  /** Takes one place in the queue for as long as `work` runs. @throws ApiError service_unavailable when it is full */
  run<T>(work: (hashing: Hashing) => Promise<T>): Promise<T>;
  readonly waiting: number;
}

export interface Hashing {
  /** A PHC string. */
  hash(password: string): Promise<string>;
  /** Hashes all the same where there is no hash to compare with, so that time tells nothing. */
  verify(stored: string | null, password: string): Promise<boolean>;
  /** Whether a hash is another system's, or of other parameters than today's. */
  isOutdated(stored: string): boolean;
}

const hashing: Hashing = {
  hash: (password) => hash(normalizePassword(password), parameters),
  async verify(stored, password) {
    if (stored === null || isTooLong(password)) {
      await hash('', parameters);
      return false;
    }
    const normalized = normalizePassword(password);
    if (await verifyHash(stored, normalized)) return true;
    // Another system may have hashed what was typed as it came.
    return normalized !== password && hashing.isOutdated(stored) && verifyHash(stored, password);
  },
  isOutdated: (stored) => !stored.startsWith(ownPrefix),
};

/**
 * @param maxWaiting how many may wait beside those that run
 * @param maxRunning by default one core is left to the event loop
 */
export function passwordHasher(
  maxWaiting: number,
  maxRunning = Math.max(1, availableParallelism() - 1),
): PasswordHasher {
  let running = 0;
  const queue: (() => void)[] = [];

  return {
    get waiting() {
      return queue.length;
    },
    async run(work) {
      if (running >= maxRunning) {
        if (queue.length >= maxWaiting)
          throw new ApiError('service_unavailable', {
            detail: 'Too many passwords are being checked, try again',
            headers: { 'Retry-After': '1' },
          });
        await new Promise<void>((resolve) => queue.push(resolve));
      } else running++;
      try {
        return await work(hashing);
      } finally {
        // The place goes to the next in line, or is given back.
        const next = queue.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
