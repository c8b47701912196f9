// Password hashing with argon2id on the thread pool. The number of hashes that run and the length of the queue are limited,
// so that many password checks do not delay other requests. Who is signed in is served before who is not: a flood of
// sign-ins delays other sign-ins.

import { availableParallelism } from 'node:os';
import { type Algorithm, hash } from '@node-rs/argon2';
import { type HashSecrets, noHashSecrets } from './hash-formats/foreign-hash.ts';
import { verifyHash } from './hash-formats.ts';
import { isTooLong, normalizePassword } from './password-policy.ts';
import { type HashPriority, PasswordQueue } from './password-queue.ts';

// OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, 2 iterations, 1 lane. 2 is the library's value for argon2id. Its
// enum cannot be imported, because Node strips types and this is a const enum.
const parameters = { algorithm: 2 as Algorithm, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** With which the hashes begin that `hash` makes. */
export const ownPrefix = '$argon2id$v=19$m=19456,t=2,p=1$';

export interface PasswordHasher {
  /**
   * Waits for its turn, then runs `work`, which may wait for the database between its hashes.
   * @param whose works with the same text run one after the other in this process, so that a guess learns the result of
   * the one before it. While one of them waits or runs, the others have the lowest priority
   * @param gone aborted when nobody waits for the outcome any more: then a work that has not had its turn does not run
   * @throws ApiError malformed_request if the client has gone; service_unavailable if the queue is full and nobody in it has a lower priority, if it has become
   * full and this was the newest of the lowest priority, or if it has waited too long
   */
  run<T>(
    priority: HashPriority,
    work: (hashing: Hashing) => Promise<T>,
    whose?: string,
    gone?: AbortSignal,
  ): Promise<T>;
  /** Length of the queue. */
  waiting(priority: HashPriority): number;
  /** How many works have their turn. */
  readonly working: number;
}

export interface Hashing {
  /** @returns a PHC string */
  hash(password: string): Promise<string>;
  /** If `stored` is null, hashes all the same, so that the response time does not show whether there is a password. */
  verify(stored: string | null, password: string): Promise<boolean>;
  /** Whether a hash comes from another system or has other parameters than ours. Replace it after the next sign-in. */
  isOutdated(stored: string): boolean;
}

const hashOwn = (password: string) => hash(normalizePassword(password), parameters);

/** Whether a hash comes from another system or has other parameters than ours. */
export const isOutdated = (stored: string) => !stored.startsWith(ownPrefix);

async function verify(stored: string | null, password: string, secrets: HashSecrets): Promise<boolean> {
  if (stored === null || isTooLong(password)) {
    await hash('', parameters);
    return false;
  }
  const normalized = normalizePassword(password);
  if (await verifyHash(stored, normalized, secrets)) return true;
  // Another system may have hashed the password without normalizing it.
  return normalized !== password && isOutdated(stored) && verifyHash(stored, password, secrets);
}

/**
 * The queue moves on only as fast as the works get what they wait for: each can wait for a lock of the database until
 * that times out, one after the other. A full queue of hashes alone takes a few seconds.
 */
const longestWaitMs = 15_000;

export interface HasherOptions {
  /** Hashes at a time; by default see `hashesAtATime`. */
  readonly maxRunning?: number;
  /**
   * Works at a time. More than hashes: while some wait for the database and its disk, others hash. Few, because a work of
   * a higher priority waits for the hashes of those that are under way.
   */
  readonly maxWorking?: number;
  /** Whoever waits longer is refused. */
  readonly maxWaitMs?: number;
  /** Of other systems whose hashes were imported. */
  readonly secrets?: HashSecrets;
  /** Called for each request that is refused. */
  readonly onShed?: (priority: HashPriority) => void;
}

/** nodejs.org/api/cli.html#uv_threadpool_sizesize */
const defaultPoolSize = 4;

/**
 * One less than there are cores, which leaves one to the event loop; and one less than there are threads in Node's pool,
 * so that a commit on SQLite does not wait for a hash before it is synced.
 */
export function hashesAtATime(
  cores = availableParallelism(),
  poolSize = Number.parseInt(process.env.UV_THREADPOOL_SIZE ?? '', 10) || defaultPoolSize,
): number {
  return Math.max(1, Math.min(cores, poolSize) - 1);
}

/** @param maxWaiting length of the queue, without those that run */
export function passwordHasher(
  maxWaiting: number,
  {
    maxRunning = hashesAtATime(),
    maxWorking = maxRunning + 7,
    maxWaitMs = longestWaitMs,
    secrets = noHashSecrets,
    onShed = () => {},
  }: HasherOptions = {},
): PasswordHasher {
  const oneOfFew = limited(maxRunning);
  const limitedHashing: Hashing = {
    hash: (password) => oneOfFew(() => hashOwn(password)),
    verify: (stored, password) => oneOfFew(() => verify(stored, password, secrets)),
    isOutdated,
  };
  const queue = new PasswordQueue({ maxWaiting, maxWorking, maxWaitMs }, onShed);
  return {
    waiting: (priority) => queue.waiting(priority),
    get working() {
      return queue.working;
    },
    async run(priority, work, whose, gone) {
      await queue.enter(priority, whose, gone);
      try {
        return await work(limitedHashing);
      } finally {
        queue.leave(whose);
      }
    },
  };
}

/** Runs at most this many at a time, in the order of their arrival. */
function limited(maxRunning: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running < maxRunning) running++;
    else await new Promise<void>((start) => queue.push(start));
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running--;
    }
  };
}
