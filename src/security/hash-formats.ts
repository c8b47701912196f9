// Password hashes as other systems made them: argon2, bcrypt, scrypt and PBKDF2, as PHC or modular-crypt strings. They are
// taken over as they are, and replaced by our own at the first right password.

import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';

const derivePbkdf2 = promisify(pbkdf2);
const deriveScrypt = promisify<string, Buffer, number, object, Buffer>(scrypt);

// Costs above these would make one sign-in a burden for everybody: 256 MiB of memory, or more than about two seconds of a
// core, in memory passed over and in iterations.
const maxMemoryBytes = 256 * 1024 * 1024;
const maxPassedBytes = 4 * maxMemoryBytes;
const maxIterations = 2_000_000;
/** Below 4 bcrypt knows no cost. */
export const bcryptCosts = { min: 4, max: 15 } as const;

type Verify = (password: string) => Promise<boolean>;

// PHC strings use base64 without padding; passlib writes "." for "+".
const base64 = '[A-Za-z0-9+/.]+';
const decode = (text: string) => Buffer.from(text.replaceAll('.', '+'), 'base64');

const formats: readonly {
  readonly pattern: RegExp;
  readonly read: (match: string[]) => Verify | undefined;
}[] = [
  {
    // github.com/P-H-C/phc-string-format; the parameters may stand in any order.
    pattern: /^\$argon2(?:id|i|d)\$(?:v=(?:16|19)\$)?([a-z0-9=,]+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/,
    read([whole, parameters, salt, key]) {
      const { m, t, p } = readParameters(parameters!);
      // RFC 9106 section 3.1: 8 KiB a lane, a salt of 8 bytes, a tag of 4.
      if (!m || !t || !p || p > 64 || m < 8 * p || decode(salt!).length < 8 || decode(key!).length < 4)
        return undefined;
      if (m * 1024 > maxMemoryBytes || m * 1024 * t > maxPassedBytes) return undefined;
      return (password) => verifyArgon2(whole!, password);
    },
  },
  {
    pattern: /^\$2[abxy]\$(\d{2})\$[./A-Za-z0-9]{53}$/,
    read([whole, cost]) {
      if (Number(cost) < bcryptCosts.min || Number(cost) > bcryptCosts.max) return undefined;
      return (password) => verifyBcrypt(password, whole!);
    },
  },
  {
    pattern: new RegExp(`^\\$scrypt\\$([a-z0-9=,]+)\\$(${base64})\\$(${base64})$`),
    read([, parameters, salt, key]) {
      const { ln, r, p } = readParameters(parameters!);
      if (!ln || !r || !p || ln > 24 || 128 * r * 2 ** ln * p > maxMemoryBytes) return undefined;
      const options = { N: 2 ** ln, r, p, maxmem: 2 * maxMemoryBytes };
      return (password) =>
        matches(decode(key!), (length) => deriveScrypt(password, decode(salt!), length, options));
    },
  },
  {
    // `i=25000` in PHC strings, a bare number of rounds in passlib's.
    pattern: new RegExp(
      `^\\$pbkdf2-(sha1|sha256|sha512)\\$(?:i=)?(\\d+)(?:,l=\\d+)?\\$(${base64})\\$(${base64})$`,
    ),
    read([, digest, iterations, salt, key]) {
      const rounds = Number(iterations);
      if (rounds < 1 || rounds > maxIterations) return undefined;
      return (password) =>
        matches(decode(key!), (length) => derivePbkdf2(password, decode(salt!), rounds, length, digest!));
    },
  },
];

function readParameters(text: string): Record<string, number | undefined> {
  return Object.fromEntries(text.split(',').map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]));
}

async function matches(expected: Buffer, derive: (length: number) => Promise<Buffer>): Promise<boolean> {
  return expected.length >= 16 && timingSafeEqual(expected, await derive(expected.length));
}

function verifierOf(hash: string): Verify | undefined {
  for (const { pattern, read } of formats) {
    const match = pattern.exec(hash);
    if (match !== null) return read([...match]);
  }
  return undefined;
}

/** Whether a text is a hash that passwords can be checked against, of a cost that we bear. */
export function isKnownHash(hash: string): boolean {
  return hash.length <= 1024 && verifierOf(hash) !== undefined;
}

/** @returns false as well where the hash is of no known format */
export async function verifyHash(hash: string, password: string): Promise<boolean> {
  try {
    return (await verifierOf(hash)?.(password)) ?? false;
  } catch {
    // A damaged hash is nobody's password.
    return false;
  }
}
