import { codePoints } from '../model/text.ts';
import {
  type BreachedPasswords,
  type BreachSettings,
  type BreachWatch,
  breachedPasswords,
} from './breached-passwords.ts';
import { isCommonPassword } from './common-passwords.ts';
import { brokenIdentifier, passwordIdentifiers } from './password-identifiers.ts';

/** In code points. Longer passwords are refused, never truncated. The limit bounds the time that hashing takes. */
export const maxPasswordLength = 1024;

/**
 * Whether a password is longer than the maximum. Call it before normalizing: the time of normalization grows with the
 * square of the number of combining marks.
 */
export function isTooLong(password: string): boolean {
  return password.length > 2 * maxPasswordLength || codePoints(password) > maxPasswordLength;
}

/** NFC, because keyboards write the same character in different ways (NIST SP 800-63B-4 section 3.1.1.2). */
export function normalizePassword(password: string): string {
  return password.normalize('NFC');
}

/** @returns why a value can never be a password, whatever the policy is; undefined if it can */
export function unusablePassword(password: unknown): string | undefined {
  if (password === undefined || password === null || password === '') return "can't be blank";
  if (typeof password !== 'string') return 'is not a string';
  if (!password.isWellFormed() || password.includes('\0')) return 'contains characters that are not allowed';
  if (isTooLong(password)) return `is too long (maximum is ${maxPasswordLength} characters)`;
  return undefined;
}

/** What the settings require of new passwords. */
export interface PasswordPolicy {
  readonly minPasswordLength: number;
  readonly breached: BreachedPasswords;
}

/** @param clock milliseconds since 1970 */
export function passwordPolicy(
  settings: BreachSettings & Pick<PasswordPolicy, 'minPasswordLength'>,
  watch: BreachWatch,
  clock?: () => number,
): PasswordPolicy {
  const { minPasswordLength } = settings;
  return { minPasswordLength, breached: breachedPasswords(settings, watch, clock) };
}

/**
 * Checks a new password. Length is counted in code points. There are no composition rules (NIST SP 800-63B-4 section
 * 3.1.1.2). It may wait for a server that knows breached passwords, so call it outside of transactions, and without a place
 * in the queue of hashes.
 * @param account a row of `users`, or the attributes of a user that is about to be created; its names and email are refused
 * @param publicUrl of the service; may be empty
 * @returns the rule that the password breaks, such as `is a commonly used password`; undefined if it is accepted
 */
export async function passwordViolation(
  password: unknown,
  account: Readonly<Record<string, unknown>>,
  { minPasswordLength, breached }: PasswordPolicy,
  publicUrl: string,
): Promise<string | undefined> {
  const unusable = unusablePassword(password);
  if (unusable !== undefined) return unusable;
  const normalized = normalizePassword(password as string);
  if (codePoints(normalized) < minPasswordLength)
    return `is too short (minimum is ${minPasswordLength} characters)`;
  const identifier = brokenIdentifier(normalized, passwordIdentifiers(account, publicUrl));
  if (identifier !== undefined) return identifier;
  if (await isCommonPassword(normalized)) return 'is a commonly used password';
  if (await breached.include(normalized)) return 'has appeared in a data breach';
  return undefined;
}
