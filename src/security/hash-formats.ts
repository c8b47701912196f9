// Password hashes of other systems: argon2, bcrypt, scrypt and PBKDF2, as PHC or modular-crypt strings. An import stores
// them unchanged. The first correct password replaces them with a hash of our own.

import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';

const derivePbkdf2 = promisify(pbkdf2);
const deriveScrypt = promisify<string, Buffer, number, object, Buffer>(scrypt);

// Hashes with higher costs are refused, because one sign-in would slow down all requests: more than 256 MiB of memory, or
// more than about two seconds of a core (memory times passes, or iterations).
const maxMemoryBytes = 256 * 1024 * 1024;
const maxPassedBytes = 4 * maxMemoryBytes;
const maxIterations = 2_000_000;
/** The smallest cost of bcrypt is 4. */
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
    // github.com/P-H-C/phc-string-format; the parameters may be in any order.
    pattern: /^\$argon2(?:id|i|d)\$(?:v=(?:16|19)\$)?([a-z0-9=,]+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/,
    read([whole, parameters, salt, key]) {
      const { m, t, p } = readParameters(parameters!);
      // RFC 9106 section 3.1: at least 8 KiB for each lane.
      if (!m || !t || !p || p > 64 || m < 8 * p || !isStrong(salt!, key!)) return undefined;
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
      if (!ln || !r || !p || ln > 24 || !isStrong(salt!, key!)) return undefined;
      if (128 * r * 2 ** ln * p > maxMemoryBytes) return undefined;
      const options = { N: 2 ** ln, r, p, maxmem: 2 * maxMemoryBytes };
      return (password) =>
        matches(decode(key!), (length) => deriveScrypt(password, decode(salt!), length, options));
    },
  },
  {
    // PHC strings write `i=25000`, passlib writes only the number.
    pattern: new RegExp(
      `^\\$pbkdf2-(sha1|sha256|sha512)\\$(?:i=)?(\\d+)(?:,l=\\d+)?\\$(${base64})\\$(${base64})$`,
    ),
    read([, digest, iterations, salt, key]) {
      const rounds = Number(iterations);
      if (rounds < 1 || rounds > maxIterations || !isStrong(salt!, key!)) return undefined;
      return (password) =>
        matches(decode(key!), (length) => derivePbkdf2(password, decode(salt!), rounds, length, digest!));
    },
  },
];

/** A salt of at least 8 bytes (RFC 8018 section 4.1, RFC 9106 section 3.1), and a key of at least 16 bytes. */
function isStrong(salt: string, key: string): boolean {
  return decode(salt).length >= 8 && decode(key).length >= 16;
}

function readParameters(text: string): Record<string, number | undefined> {
  return Object.fromEntries(text.split(',').map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]));
}

async function matches(expected: Buffer, derive: (length: number) => Promise<Buffer>): Promise<boolean> {
  return timingSafeEqual(expected, await derive(expected.length));
}

function verifierOf(hash: string): Verify | undefined {
  for (const { pattern, read } of formats) {
    const match = pattern.exec(hash);
    if (match !== null) return read([...match]);
  }
  return undefined;
}

/** Whether passwords can be checked against this hash: its format is known, and its cost is within the limits above. */
export function isKnownHash(hash: string): boolean {
  return hash.length <= 1024 && verifierOf(hash) !== undefined;
}

const algorithm = '(?:argon2|pbkdf2|bcrypt|scrypt|sha-?\\d|md5|crypt|hmac)';

const hexDigest =
  '(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{48}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})';

/** Formats of password hashes, including those that Muster cannot check passwords against. */
const hashForms: readonly RegExp[] = [
  // PHC strings and the crypt family: $argon2id$, $pbkdf2-sha256$, $bcrypt-sha256$, $2b$, $6$, $y$, $apr1$, and $wp$ of
  // WordPress; with a ! before it if the account is locked.
  new RegExp(`^!{0,2}\\$(?:[1-9]|2[abxy]|g?y|apr1|wp|[\\w-]*${algorithm}[\\w-]*)\\$\\S{8,}$`, 'i'),
  // phpass and Drupal.
  /^(?:U?\$[PHS]\$)[./0-9A-Za-z]{20,}$/,
  // Django and Werkzeug: pbkdf2_sha256$, argon2$argon2id$, bcrypt_sha256$$2b$, sha1$, pbkdf2:sha256:600000$.
  new RegExp(`^(?:unsalted_)?${algorithm}[\\w:-]*\\$\\S{8,}$`, 'i'),
  // LDAP (RFC 2307), Dovecot and Spring: {SSHA}, {CRYPT}, {SHA512-CRYPT}, {bcrypt}, {pbkdf2@SpringSecurity_v5_8}.
  new RegExp(`^\\{[\\w.@-]*(?:${algorithm}|sha|ldap)[\\w.@-]*\\}\\S{8,}$`, 'i'),
  // sha256:1000:salt:key, common in examples of PBKDF2.
  new RegExp(`^${algorithm}\\w*:\\S{16,}$`, 'i'),
  // Hexadecimal digests from MD5 to SHA-512; MySQL's begin with a star. The salt comes before or after the digest.
  new RegExp(`^\\*?${hexDigest}(?:[:.]\\S*)?$`, 'i'),
  new RegExp(`^[\\w./+:=-]{1,256}[:.]${hexDigest}$`, 'i'),
  // Django's value for an account without a password.
  /^![A-Za-z0-9]{40}$/,
  // Base64 digests of SHA-256 or longer, such as those of ASP.NET and Firebase.
  /^[A-Za-z0-9+/_-]{43,}={1,2}$/,
  // PostgreSQL, SQL Server.
  /^(?:SCRAM-SHA-\d+\$|md5[0-9a-f]{32}$|0x0[12]00[0-9a-f]{40})/i,
];

/** Whether a text has the format of a password hash. It is then probably not a password. */
export function looksLikeHash(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length <= 4096 && hashForms.some((pattern) => pattern.test(trimmed));
}

/** @returns false also if the format of the hash is not known */
export async function verifyHash(hash: string, password: string): Promise<boolean> {
  try {
    return (await verifierOf(hash)?.(password)) ?? false;
  } catch {
    // No password matches a damaged hash.
    return false;
  }
}
