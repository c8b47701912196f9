// The four algorithms that most systems build their forms on. All of them run in the thread pool.

import { pbkdf2 as pbkdf2Callback, scrypt as scryptCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';
import {
  type Check,
  HashProblem,
  type HashSecrets,
  malformed,
  requireStrong,
  type Work,
} from './foreign-hash.ts';

const derivePbkdf2 = promisify(pbkdf2Callback);
export const deriveScrypt = promisify<string, Buffer, number, object, Buffer>(scryptCallback);

const mebibyte = 1024 * 1024;
/** Of one check, whatever time it may take: as many run at a time as there are cores. */
const maxMemoryBytes = 256 * mebibyte;

const memory = (bytes: number): Work => ({
  name: 'memory in MiB',
  value: bytes / mebibyte,
  max: () => maxMemoryBytes / mebibyte,
});

/** What a system hashes in place of the password itself. */
type Prepare = (password: string, secrets: HashSecrets) => string;

const itself: Prepare = (password) => password;

/**
 * Like every system, it ignores what follows the first 72 bytes.
 * @throws HashProblem
 */
export function bcrypt(hash: string, prepare: Prepare = itself): Check {
  const cost = Number(/^\$2[abxy]\$(\d{2})\$[./A-Za-z0-9]{53}$/.exec(hash)?.[1]);
  if (Number.isNaN(cost)) throw malformed('bcrypt');
  if (cost < 4) throw new HashProblem('has a bcrypt cost of less than 4');
  return {
    // Twice the time for each step: cost 14 takes about a second.
    work: [{ name: 'bcrypt cost', value: cost, max: (seconds) => 14 + Math.floor(Math.log2(seconds)) }],
    verify: (password, secrets) => verifyBcrypt(prepare(password, secrets), hash),
  };
}

export const digestBytes = { sha1: 20, sha256: 32, sha512: 64 } as const;

export type Digest = keyof typeof digestBytes;

interface Pbkdf2 {
  readonly digest: string;
  readonly iterations: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** @throws HashProblem */
export function pbkdf2({ digest, iterations, salt, key }: Pbkdf2): Check {
  requireStrong(salt, key);
  if (!Number.isSafeInteger(iterations) || iterations < 1) throw malformed('PBKDF2');
  // Each block of the key is derived anew.
  const blocks = Math.ceil(key.length / digestBytes[digest as Digest]);
  return {
    work: [
      {
        name: 'PBKDF2 iterations',
        value: iterations,
        max: (seconds) => Math.floor((2_000_000 * seconds) / blocks),
      },
    ],
    verify: async (password) =>
      timingSafeEqual(key, await derivePbkdf2(password, salt, iterations, key.length, digest)),
  };
}

export interface ScryptCost {
  /** N. */
  readonly cost: number;
  readonly r: number;
  readonly p: number;
}

/** @throws HashProblem */
export function scryptWork({ cost, r, p }: ScryptCost): readonly Work[] {
  const isValid = [cost, r, p].every((number) => Number.isSafeInteger(number) && number >= 1);
  if (!isValid || cost < 2 || cost > 2 ** 24 || !Number.isInteger(Math.log2(cost))) throw malformed('scrypt');
  return [
    memory(128 * r * cost),
    {
      name: 'scrypt work (N * r * p)',
      value: cost * r * p,
      max: (seconds) => (maxMemoryBytes / 128) * seconds,
    },
  ];
}

export const scryptOptions = ({ cost, r, p }: ScryptCost) => ({
  N: cost,
  r,
  p,
  maxmem: 2 * maxMemoryBytes,
});

/** @throws HashProblem */
export function scrypt(cost: ScryptCost, salt: Buffer, key: Buffer): Check {
  requireStrong(salt, key);
  return {
    work: scryptWork(cost),
    verify: async (password) =>
      timingSafeEqual(key, await deriveScrypt(password, salt, key.length, scryptOptions(cost))),
  };
}

/** @param hash a PHC string. @throws HashProblem */
export function argon2(hash: string): Check {
  const [, parameters, salt, key] =
    /^\$argon2(?:id|i|d)\$(?:v=(?:16|19)\$)?([a-z0-9=,]+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash) ??
    [];
  const { m, t, p } = readParameters(parameters ?? '');
  // RFC 9106 section 3.1: at least 8 KiB for each lane.
  if (!m || !t || !p || p > 64 || m < 8 * p) throw malformed('argon2');
  requireStrong(Buffer.from(salt!, 'base64'), Buffer.from(key!, 'base64'));
  return {
    work: [
      memory(m * 1024),
      {
        name: 'argon2 work (memory in MiB * passes)',
        value: (m / 1024) * t,
        max: (seconds) => 1024 * seconds,
      },
    ],
    verify: (password) => verifyArgon2(hash, password),
  };
}

/** Reads `ln=14,r=8,p=1`. */
export function readParameters(text: string): Record<string, number | undefined> {
  return Object.fromEntries(text.split(',').map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]));
}
