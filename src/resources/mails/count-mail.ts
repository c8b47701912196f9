// Limits of the mails that somebody can cause to others: how many in an hour to one mailbox, and from one client network.
// All processes on one database count together. Notices to an account about itself are not limited, because whoever has
// stolen it could then use up the limit to silence them.

import { createHmac } from 'node:crypto';
import { ApiError } from '../../errors.ts';
import { mailboxKey } from '../../model/mailbox.ts';
import { counterKey } from '../../store/counter-key.ts';
import type { Services } from '../operation.ts';

const hourSeconds = 60 * 60;

/** Mails in an hour by the join link of one organization. Somebody may have published it. */
export const maxPerJoinLink = 500;

export interface CountedMail {
  /** An address, in any form. */
  readonly to: string;
  /** See networkOf. */
  readonly network: string;
  /**
   * Whether it sets a new password. These have a count of their own: else whoever invites an address could use up its
   * limit, and the owner of the account would get no link.
   */
  readonly isReset?: boolean;
  /** Whose join link was used to cause it. */
  readonly organizationId?: number;
}

interface Exceeded {
  readonly limit: number;
  readonly waitSeconds: number;
}

/**
 * Counts a mail before it is created, outside the transaction. A mail above the limit of the client does not count for
 * its mailbox.
 * @returns the limit that it exceeds; null if it may be created
 */
export async function countMail(
  { mail, store: { requestCounter } }: Pick<Services, 'mail' | 'store'>,
  { to, network, isReset = false, organizationId }: CountedMail,
): Promise<Exceeded | null> {
  if (mail.mode === 'off') return null;
  // Keyed, so that whoever reads the counts cannot look for addresses.
  const keyOf = (text: string) =>
    counterKey(createHmac('sha256', mail.linkSecret).update(`mails ${text}`).digest('hex'));
  const count = async (text: string, limit: number) => {
    const waitSeconds = limit === 0 ? 0 : await requestCounter.count(keyOf(text), limit, hourSeconds);
    return waitSeconds === 0 ? null : { limit, waitSeconds };
  };
  const ofJoinLink = organizationId === undefined ? 0 : maxPerJoinLink;
  return (
    (await count(`from ${network}`, mail.maxPerClient)) ??
    (await count(`for ${organizationId}`, ofJoinLink)) ??
    (await count(`${isReset ? 'reset ' : ''}to ${mailboxKey(to)}`, mail.maxPerAddress))
  );
}

/** For callers with a token. @throws ApiError too_many_requests above a limit */
export async function requireMail(
  services: Pick<Services, 'mail' | 'store'>,
  counted: CountedMail,
): Promise<void> {
  const exceeded = await countMail(services, counted);
  if (exceeded === null) return;
  const { limit, waitSeconds } = exceeded;
  throw new ApiError('too_many_requests', {
    detail: 'Too many mails, try again later',
    meta: { limit, period: hourSeconds },
    headers: { 'Retry-After': String(waitSeconds), 'X-RateLimit-Reset': String(waitSeconds) },
  });
}
