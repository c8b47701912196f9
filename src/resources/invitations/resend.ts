// PUT /invitations/{id}/resend: mails an invitation again, with a new link. The older ones are not valid any more. Also a
// command.

import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { networkOf } from '../../model/network.ts';
import type { Reads } from '../../store/store.ts';
import { callerFactsOf, requireSeen, requireVisible } from '../access.ts';
import { requireMail } from '../mails/count-mail.ts';
import type { CallerRoles } from '../memberships/caller-roles.ts';
import type { Reply, Services, WriteCall } from '../operation.ts';
import { recordChange } from '../operations/record-change.ts';
import { requirePrecondition } from '../operations/reply.ts';
import type { Writer, WriteServices } from '../operations/write-rules.ts';
import { byMail, type InvitationDelivery, linkEnd } from './deliver-invitation.ts';
import { endInPast, lockOf, requireMayWriteInvitation } from './invitation-rules.ts';
import { type Invitation, invitations } from './invitations.ts';
import { invitationsAccess } from './invitations-access.ts';
import { isRoleGiven } from './inviter-rights.ts';

/**
 * Whoever sends it is the inviter from then on; the command line, only if the inviter may not give the role any more.
 * @param require throws an ApiError if the writer may not; called with the locked invitation
 * @throws ApiError record_not_found, invalid_attribute if the membership would have ended
 */
export async function resendInvitation(
  services: WriteServices,
  writer: Writer,
  { id, organization_id: organizationId }: Pick<Invitation, 'id' | 'organization_id'>,
  require: (invitation: Invitation, reads: Reads) => unknown = () => {},
  delivery: InvitationDelivery = byMail,
): Promise<Invitation> {
  delivery.requirePossible(services.mail);
  return writer.write(async (transaction) => {
    const records = transaction.records(invitations);
    const before = await records.findForUpdate(id);
    if (before === null) throw new ApiError('record_not_found');
    await require(before, transaction);
    const now = services.clock();
    requireAhead(before, now);
    const inviterId = (await isRoleGiven(transaction, before, now)) ? before.inviter_id : null;
    const after = await records.update(id, {
      inviter_id: writer.actor.userId ?? inviterId,
      token_expires_at: linkEnd(services, before, now),
      updated_at: Math.max(now, before.updated_at + 1),
    });
    await transaction.links.end({ invitationId: id }, ['invitation'], now);
    await delivery.deliver(services, transaction, after);
    recordChange(transaction, writer, invitations, { verb: 'resend', before, after });
    return after;
  }, lockOf(organizationId));
}

/**
 * A link does not outlive the membership that it gives, so there would be none.
 * @throws ApiError invalid_attribute
 */
function requireAhead(invitation: Invitation, now: number): void {
  const violations = endInPast(invitation, now);
  if (violations.length > 0) throw ApiError.of(violations);
}

export async function resend(services: Services, call: WriteCall): Promise<Reply> {
  const { store, clock } = services;
  const { id } = await requireVisible(invitationsAccess, services, call);
  const selection = readRecordQuery(call.query, invitations, services.queries);
  const requireMay = async (current: Invitation, reads: Reads): Promise<void> => {
    const roles = await callerFactsOf(invitationsAccess, call.actor, reads, clock());
    await requireSeen(invitationsAccess, services, call, reads, roles);
    const audience = invitationsAccess.audienceOf(call.actor, id, current, roles as CallerRoles);
    requireMayWriteInvitation(current, audience);
    requireAhead(current, clock());
    requirePrecondition(invitationsAccess, services, call, current, selection, roles);
  };
  const known = await store.read.records(invitations).find(id);
  if (known === null) throw new ApiError('record_not_found');
  await requireMay(known, store.read);
  await requireMail(services, { to: known.email, network: networkOf(call.clientAddress()) });
  await resendInvitation(services, call, known, requireMay);
  return { status: 204, body: null };
}
