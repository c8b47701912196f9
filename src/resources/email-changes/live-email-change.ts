// Links about the address of an account that still work: nobody has used them, and they have neither ended nor expired.

import { ApiError } from '../../errors.ts';
import type { LinkPurpose } from '../../model/link.ts';
import type { LinkRow } from '../../store/links.ts';
import type { Reads } from '../../store/store.ts';
import { hasEnded } from '../users/account-with-email.ts';
import { type User, users } from '../users/users.ts';

export interface EmailChange {
  readonly link: LinkRow;
  readonly user: User;
  /** The address that the link gives to the account. */
  readonly email: string;
}

type AccountReads = Pick<Reads, 'links' | 'records'>;

async function changeOf(
  { links, records }: AccountReads,
  tokenHash: string,
  purpose: LinkPurpose,
  now: number,
): Promise<EmailChange> {
  const link = await links.find(tokenHash, purpose, now);
  const user = link === null ? null : await records(users).find(link.userId!);
  if (user === null) throw new ApiError('record_not_found');
  return { link: link!, user, email: link!.email! };
}

/** @throws ApiError record_not_found, also if the access of the account has ended */
export async function confirmationOf(
  reads: AccountReads,
  tokenHash: string,
  now: number,
): Promise<EmailChange> {
  const change = await changeOf(reads, tokenHash, 'email_confirmation', now);
  if (hasEnded(change.user, now)) throw new ApiError('record_not_found');
  return change;
}

/** @throws ApiError record_not_found */
export function undoOf(reads: AccountReads, tokenHash: string, now: number): Promise<EmailChange> {
  return changeOf(reads, tokenHash, 'email_undo', now);
}

/** Whether the account has no password, or not the one that it had before the change. */
export async function needsPassword(
  { passwords, links }: Pick<Reads, 'passwords' | 'links'>,
  { user, link }: EmailChange,
): Promise<boolean> {
  const changedAt = await passwords.changedAt(user.id);
  return changedAt === null || changedAt !== (await links.stateBefore(link.id)).passwordChangedAt;
}
