// Tokens of links in mails. They are derived whenever a mail is rendered, and never stored.

import { createHmac, randomBytes } from 'node:crypto';
import type { LinkPurpose } from '../model/link.ts';

/** 256 random bits as base64url. */
export function generateNonce(): string {
  return randomBytes(32).toString('base64url');
}

/** @param secret of links, which must not be in the database that has the other values */
export function linkToken(
  secret: string,
  link: { readonly purpose: LinkPurpose; readonly id: number; readonly nonce: string },
): string {
  return createHmac('sha256', secret).update(`${link.purpose}:${link.id}:${link.nonce}`).digest('base64url');
}
