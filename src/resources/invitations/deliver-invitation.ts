// How the link of an invitation gets to whoever is invited: in a mail, or from an operator who hands it over.

import { mailLocale } from '../../model/mail-locale.ts';
import type { Transaction } from '../../store/store.ts';
import type { MailService } from '../mails/mail-service.ts';
import { printLink } from '../mails/print-link.ts';
import { queueMail } from '../mails/queue-mail.ts';
import { requireMails } from '../mails/require-mails.ts';
import type { WriteServices } from '../operations/write-rules.ts';
import { organizations } from '../organizations/organizations.ts';
import { users } from '../users/users.ts';
import type { Invitation } from './invitations.ts';
import { accountOf } from './invited-person.ts';

export interface InvitationDelivery {
  /** @throws ApiError service_unavailable if nobody would get the link */
  requirePossible(mail: MailService): void;
  /** Makes the link, in the transaction that creates or renews the invitation. */
  deliver(services: DeliveryServices, transaction: Transaction, invitation: Invitation): Promise<void>;
}

type DeliveryServices = Pick<WriteServices, 'mail' | 'clock'>;

export const byMail: InvitationDelivery = {
  requirePossible(mail) {
    requireMails(
      mail,
      'Nobody can be invited, because this service sends no mail: it has no MUSTER_LINK_SECRET',
    );
  },
  deliver: mailInvitation,
};

/** See printLink. */
export function byHand(publicUrl: string, print: (link: string) => void): InvitationDelivery {
  return {
    requirePossible() {},
    async deliver({ clock }, transaction, invitation) {
      const { locale } = await invitedTo(transaction, invitation);
      const link = await printLink(
        transaction,
        { publicUrl, locale },
        {
          purpose: 'invitation',
          userId: null,
          invitationId: invitation.id,
          email: null,
          createdAt: clock(),
          expiresAt: invitation.token_expires_at,
        },
      );
      print(link);
    },
  };
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

async function mailInvitation(
  services: DeliveryServices,
  transaction: Transaction,
  invitation: Invitation,
): Promise<void> {
  const { id, role, first_name, last_name, token_expires_at: expiresAt } = invitation;
  const { organization, inviter, address, locale } = await invitedTo(transaction, invitation);
  await queueMail(services, transaction, {
    kind: 'invitation',
    // The invitation is the organization's: it stays valid if the account is deleted.
    userId: null,
    to: { address, name: fullName({ first_name, last_name }) || null },
    locale,
    data: { organization: organization.name, inviter: inviter === null ? '' : fullName(inviter), role },
    link: { invitationId: id, expiresAt },
  });
}

/**
 * The language is that of the account with this address, else of the inviter, else of the organization. The address is
 * that of the account: other forms of it may be the mailbox of somebody else.
 */
async function invitedTo(
  transaction: Transaction,
  { email, organization_id: organizationId, inviter_id: inviterId }: Invitation,
) {
  const organization = (await transaction.records(organizations).find(organizationId))!;
  const inviter = inviterId === null ? null : await transaction.records(users).find(inviterId);
  const account = await accountOf(transaction, email);
  return {
    organization,
    inviter,
    address: account?.email ?? email,
    locale: mailLocale((account ?? inviter ?? organization).locale),
  };
}

function fullName({ first_name: first, last_name: last }: { first_name: string; last_name: string }): string {
  return `${first} ${last}`.trim();
}
