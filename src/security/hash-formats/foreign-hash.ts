// What every file of this folder shares: how a form of hashes is declared, and what is known of a hash.

/** Secrets of other systems that their hashes need besides the password. Empty if they are not set. */
export interface HashSecrets {
  /** Of the Firebase project, in base64. */
  readonly firebaseSignerKey: string;
  /** Of the Rails application. */
  readonly devisePepper: string;
}

export const noHashSecrets: HashSecrets = { firebaseSignerKey: '', devisePepper: '' };

/** One parameter that decides how long a check takes. */
export interface Work {
  /** As in `bcrypt cost`. */
  readonly name: string;
  readonly value: number;
  /** The largest value with which a check takes about this many seconds of one core. */
  readonly max: (seconds: number) => number;
}

/** How passwords are checked against one hash. */
export interface Check {
  readonly work: readonly Work[];
  /** The secret without which no password matches. */
  readonly secret?: keyof HashSecrets;
  readonly verify: (password: string, secrets: HashSecrets) => Promise<boolean>;
}

export interface HashForm {
  /** The name in reports. Stored with imported passwords, so it never changes. */
  readonly format: string;
  /** Matches every text that claims to be of this form. */
  readonly pattern: RegExp;
  /**
   * @param groups the match of the pattern
   * @throws HashProblem
   */
  readonly read: (groups: readonly string[]) => Check;
}

/** The message completes "password_hash ...", and never contains a part of the hash. */
export class HashProblem extends Error {}

export const malformed = (format: string) => new HashProblem(`is not a valid ${format} hash`);

/** Bytes of base64 in its standard alphabet, with or without padding. @throws HashProblem */
export function fromBase64(text: string, format: string): Buffer {
  const unpadded = text.replace(/={1,2}$/, '');
  const bytes = Buffer.from(unpadded, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== unpadded) throw malformed(format);
  return bytes;
}

/** @throws HashProblem */
export function fromHex(text: string, format: string): Buffer {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) throw malformed(format);
  return Buffer.from(text, 'hex');
}

/**
 * RFC 8018 section 4.1 and RFC 9106 section 3.1: a salt has at least 8 bytes. A key of fewer than 16 bytes is matched by
 * guessing.
 * @throws HashProblem
 */
export function requireStrong(salt: Buffer, key: Buffer): void {
  if (salt.length < 8) throw new HashProblem('has a salt of less than 8 bytes');
  if (key.length < 16) throw new HashProblem('has a key of less than 16 bytes');
}
