// API and session tokens: 256 random bits. The database stores only a SHA-256 hash. The hash needs no salt and need not be
// slow, because nobody can guess 256 random bits.

import { hash, randomBytes } from 'node:crypto';

/** Lets secret scanners find tokens. */
const prefix = 'muster_';

export const minTokenLength = 32;

export function generateToken(): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** SHA-256 as base64url, as the database stores it. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** A secret that the server uses itself: 256 random bits as base64url. */
export function generateSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * A random password: 144 bits as base64url, or more if `minLength` requires it.
 * @param minLength characters
 */
export function generatePassword(minLength: number): string {
  return randomBytes(Math.max(18, Math.ceil((minLength * 3) / 4))).toString('base64url');
}
