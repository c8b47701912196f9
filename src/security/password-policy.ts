import { codePoints } from '../model/text.ts';
import { isCommonPassword } from './common-passwords.ts';
import { brokenIdentifier, passwordIdentifiers } from './password-identifiers.ts';

/** Longer ones are refused, not cut: far above what anyone types, low enough to hash at once. */
export const maxPasswordLength = 1024;

/** Whether it is longer than any that can be set. Ask before normalising, which takes the square of the number of marks. */
export function isTooLong(password: string): boolean {
  return password.length > 2 * maxPasswordLength || codePoints(password) > maxPasswordLength;
}

/** NFC, so that a password typed on another keyboard is the same password (SP 800-63B-4 section 3.1.1.2). */
export function normalizePassword(password: string): string {
  return password.normalize('NFC');
}

/** Why a value cannot be a password at all, whatever the policy says; undefined where it can. */
export function unusablePassword(password: unknown): string | undefined {
  if (password === undefined || password === null || password === '') return "can't be blank";
  if (typeof password !== 'string') return 'is not a string';
  if (!password.isWellFormed() || password.includes('\0')) return 'contains characters that are not allowed';
  if (isTooLong(password)) return `is too long (maximum is ${maxPasswordLength} characters)`;
  return undefined;
}

/** Settings that decide about new passwords; an empty URL has no host. */
export interface PasswordPolicy {
  readonly minPasswordLength: number;
  readonly publicUrl: string;
}

/**
 * The rule that a new password breaks, or undefined. Length is counted in code points; there are no composition rules.
 * @param account a row of `users`, or what is known of one that is not made yet: its names and its email are refused
 */
export async function passwordViolation(
  password: unknown,
  account: Readonly<Record<string, unknown>>,
  policy: PasswordPolicy,
): Promise<string | undefined> {
  const unusable = unusablePassword(password);
  if (unusable !== undefined) return unusable;
  const normalized = normalizePassword(password as string);
  if (codePoints(normalized) < policy.minPasswordLength)
    return `is too short (minimum is ${policy.minPasswordLength} characters)`;
  const identifier = brokenIdentifier(normalized, passwordIdentifiers(account, policy));
  if (identifier !== undefined) return identifier;
  if (await isCommonPassword(normalized)) return 'is a commonly used password';
  return undefined;
}
