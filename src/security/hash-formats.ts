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
      // RFC 9106 section 3.1: 8 KiB a lane.
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
    // `i=25000` in PHC strings, a bare number of rounds in passlib's.
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

/** RFC 8018 section 4.1 and RFC 9106 section 3.1: a salt of 8 bytes. A key of less than 16 is guessed, not cracked. */
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

/** Whether a text is a hash that passwords can be checked against, of a cost that we bear. */
export function isKnownHash(hash: string): boolean {
  return hash.length <= 1024 && verifierOf(hash) !== undefined;
}

const algorithm = '(?:argon2|pbkdf2|bcrypt|scrypt|sha-?\\d|md5|crypt|hmac)';

const hexDigest =
  '(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{48}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})';

/** Forms of hashes, whether or not Muster can check against them. */
const hashForms: readonly RegExp[] = [
  // PHC strings and the crypt family: $argon2id$, $pbkdf2-sha256$, $bcrypt-sha256$, $2b$, $6$, $y$, $apr1$, WordPress's $wp$;
  // behind a ! where the account is locked.
  new RegExp(`^!{0,2}\\$(?:[1-9]|2[abxy]|g?y|apr1|wp|[\\w-]*${algorithm}[\\w-]*)\\$\\S{8,}$`, 'i'),
  // phpass and Drupal.
  /^(?:U?\$[PHS]\$)[./0-9A-Za-z]{20,}$/,
  // Django and Werkzeug: pbkdf2_sha256$, argon2$argon2id$, bcrypt_sha256$$2b$, sha1$, pbkdf2:sha256:600000$.
  new RegExp(`^(?:unsalted_)?${algorithm}[\\w:-]*\\$\\S{8,}$`, 'i'),
  // LDAP (RFC 2307), Dovecot and Spring: {SSHA}, {CRYPT}, {SHA512-CRYPT}, {bcrypt}, {pbkdf2@SpringSecurity_v5_8}.
  new RegExp(`^\\{[\\w.@-]*(?:${algorithm}|sha|ldap)[\\w.@-]*\\}\\S{8,}$`, 'i'),
  // sha256:1000:salt:key, as examples of PBKDF2 write it.
  new RegExp(`^${algorithm}\\w*:\\S{16,}$`, 'i'),
  // Bare digests in hexadecimal from MD5 to SHA-512, those of MySQL with a star, with a salt before or behind them.
  new RegExp(`^\\*?${hexDigest}(?:[:.]\\S*)?$`, 'i'),
  new RegExp(`^[\\w./+:=-]{1,256}[:.]${hexDigest}$`, 'i'),
  // Django's for an account without a password.
  /^![A-Za-z0-9]{40}$/,
  // The same in Base64 from SHA-256 on, ASP.NET's and Firebase's.
  /^[A-Za-z0-9+/_-]{43,}={1,2}$/,
  // PostgreSQL, SQL Server.
  /^(?:SCRAM-SHA-\d+\$|md5[0-9a-f]{32}$|0x0[12]00[0-9a-f]{40})/i,
];

/** Whether a text is the hash of a password rather than a password, as far as its form says. */
export function looksLikeHash(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.length <= 4096 && hashForms.some((pattern) => pattern.test(trimmed));
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
