// The mail of an invitation, with its link.

import { ApiError } from '../../errors.ts';
import { mailLocale } from '../../model/mail-locale.ts';
import type { Transaction } from '../../store/store.ts';
import type { MailService } from '../mails/mail-service.ts';
import { queueMail } from '../mails/queue-mail.ts';
import type { WriteServices } from '../operations/write-rules.ts';
import { organizations } from '../organizations/organizations.ts';
import { users } from '../users/users.ts';
import type { Invitation } from './invitations.ts';
import { accountOf } from './invited-person.ts';

/** Nobody could accept an invitation without its mail. @throws ApiError service_unavailable */
export function requireMailService({ mode }: MailService): void {
  if (mode === 'off')
    throw new ApiError('service_unavailable', {
      detail: 'There are no invitations, because this service sends no mail: it has no MUSTER_LINK_SECRET',
    });
}

const dayMs = 24 * 60 * 60 * 1000;

/** Until when a link is valid that is made now. It does not outlive the membership. */
export function linkEnd(
  { invitationDays }: Pick<WriteServices, 'invitationDays'>,
  { expires_at: end = null }: Partial<Pick<Invitation, 'expires_at'>>,
  now: number,
): number {
  const last = now + invitationDays * dayMs;
  return end === null ? last : Math.min(last, end);
}

/**
 * In the language of the account with this address, else of the inviter, else of the organization. It goes to the address as
 * the account has it: other forms of an address may be the mailbox of somebody else.
 */
export async function mailInvitation(
  services: Pick<WriteServices, 'mail' | 'clock'>,
  transaction: Transaction,
  invitation: Invitation,
): Promise<void> {
  const { id, email, role, first_name, last_name, token_expires_at: expiresAt } = invitation;
  const organization = (await transaction.records(organizations).find(invitation.organization_id))!;
  const inviter =
    invitation.inviter_id === null ? null : await transaction.records(users).find(invitation.inviter_id);
  const account = await accountOf(transaction, email);
  await queueMail(services, transaction, {
    kind: 'invitation',
    // The invitation is the organization's: it stays valid if the account is deleted.
    userId: null,
    to: { address: account?.email ?? email, name: fullName({ first_name, last_name }) || null },
    locale: mailLocale((account ?? inviter ?? organization).locale),
    data: { organization: organization.name, inviter: inviter === null ? '' : fullName(inviter), role },
    link: { invitationId: id, expiresAt },
  });
}

function fullName({ first_name: first, last_name: last }: { first_name: string; last_name: string }): string {
  return `${first} ${last}`.trim();
}
