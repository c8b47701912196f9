// Password hashing with argon2id on the thread pool. The number of hashes that run and the length of the queue are limited.
// If the queue is full, a request is refused at once, so that many password checks do not delay other requests.

import { availableParallelism } from 'node:os';
import { type Algorithm, hash } from '@node-rs/argon2';
import { ApiError } from '../errors.ts';
import { verifyHash } from './hash-formats.ts';
import { isTooLong, normalizePassword } from './password-policy.ts';

// OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, 2 iterations, 1 lane. 2 is the library's value for argon2id. Its
// enum cannot be imported, because Node strips types and this is a const enum.
const parameters = { algorithm: 2 as Algorithm, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const ownPrefix = '$argon2id$v=19$m=19456,t=2,p=1$';

export interface PasswordHasher {
  /** Waits for its turn, then runs `work`. @throws ApiError service_unavailable if the queue is full */
  run<T>(work: (hashing: Hashing) => Promise<T>): Promise<T>;
  readonly waiting: number;
}

export interface Hashing {
  /** @returns a PHC string */
  hash(password: string): Promise<string>;
  /** If `stored` is null, hashes all the same, so that the response time does not show whether there is a password. */
  verify(stored: string | null, password: string): Promise<boolean>;
  /** Whether a hash comes from another system or has other parameters than ours. Replace it after the next sign-in. */
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
    // Another system may have hashed the password without normalizing it.
    return normalized !== password && hashing.isOutdated(stored) && verifyHash(stored, password);
  },
  isOutdated: (stored) => !stored.startsWith(ownPrefix),
};

/**
 * @param maxWaiting length of the queue, without those that run
 * @param maxRunning by default one less than there are cores, which leaves one to the event loop
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
            detail: 'Too many passwords are being checked, try again in a second',
            headers: { 'Retry-After': '1' },
          });
        await new Promise<void>((resolve) => queue.push(resolve));
      } else running++;
      try {
        return await work(hashing);
      } finally {
        // The next in the queue runs now. `running` stays the same then.
        const next = queue.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
