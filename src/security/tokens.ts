// API and session tokens: 256 random bits, known to their holder alone. The database keeps a hash, which needs no salt
// and no slowness because there is nothing to guess.

import { hash, randomBytes } from 'node:crypto';

/** Recognisable to secret scanners; the rest is base64url. */
const prefix = 'muster_';

export const minTokenLength = 32;

export function generateToken(): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** SHA-256 as base64url, what the database keeps. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** A random secret of the server's own, 256 bits as base64url. */
export function generateSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * A random password that nobody needs to remember: 144 bits as base64url, or more where it must be longer.
 * @param minLength characters
 */
export function generatePassword(minLength: number): string {
  return randomBytes(Math.max(18, Math.ceil((minLength * 3) / 4))).toString('base64url');
}
