// Makes an account a member by a link that was used in this transaction, and tells the inviter.

import type { Transaction } from '../../store/store.ts';
import { queueMail } from '../mails/queue-mail.ts';
import { toAccount } from '../mails/to-account.ts';
import type { Author } from '../operations/record-change.ts';
import type { WriteServices } from '../operations/write-rules.ts';
import type { User } from '../users/users.ts';
import { acceptInvitation, becomeMember } from './accept-invitation.ts';
import { invitations } from './invitations.ts';
import { maySeeMembers } from './inviter-rights.ts';
import type { Offer } from './offer.ts';

/** @param user locked in this transaction, after the organization */
export async function joinByOffer(
  services: Pick<WriteServices, 'clock' | 'mail'>,
  transaction: Transaction,
  author: Author,
  { organization, invitation, inviter }: Offer,
  user: User,
): Promise<void> {
  const now = services.clock();
  if (invitation !== null) await acceptInvitation(transaction, author, invitation, user.id, now);
  else {
    const { actor, origin } = author;
    transaction.record(() => ({
      action: `${invitations.singular}.accept`,
      outcome: 'success',
      actor: { kind: actor.kind, userId: actor.userId },
      record: { type: 'organizations', id: organization.id },
      subjectId: user.id,
      organizationId: organization.id,
      changes: [],
      details: { join_link: true },
      origin: origin(),
    }));
    const membership = { organizationId: organization.id, role: 'member', expires_at: null } as const;
    await becomeMember(transaction, author, membership, user.id, now);
  }
  if (inviter === null || inviter.id === user.id) return;
  if (!(await maySeeMembers(transaction, inviter, organization.id, now))) return;
  const { first_name, last_name, email } = user;
  await queueMail(services, transaction, {
    kind: 'invitation_accepted',
    ...toAccount(inviter),
    data: { organization: organization.name, name: `${first_name} ${last_name}`, email },
  });
}
