// POST /organizations/{id}/invitations: invites somebody to an organization.

import { ApiError } from '../../errors.ts';
import { writeParameters } from '../../jsonapi/parameters.ts';
import { networkOf } from '../../model/network.ts';
import type { Reads } from '../../store/store.ts';
import { callerFactsOf, requireSeen } from '../access.ts';
import { requireMail } from '../mails/count-mail.ts';
import type { CallerRoles } from '../memberships/caller-roles.ts';
import { type Call, collectionPath, type Services } from '../operation.ts';
import { createRecord } from '../operations/create.ts';
import type { Creation } from '../operations/create-once.ts';
import { findsVisible } from '../operations/references.ts';
import { recordReply } from '../operations/reply.ts';
import { organizations } from '../organizations/organizations.ts';
import { administrator, manager, organizationsAccess } from '../organizations/organizations-access.ts';
import { invitationRules } from './invitation-rules.ts';
import { invitations } from './invitations.ts';
import { invitationsAccess } from './invitations-access.ts';

export const invitationCreation: Creation<typeof invitations> = {
  resource: invitations,
  passwords: [],
  permit: requireMayInvite,
  create: (services, call, { attributes, violations }, created) =>
    createRecord(invitationRules, services, call, attributes, {
      fixed: { organization_id: call.id! },
      around: {
        violations,
        finds: findsVisible(services, call),
        accepted: () =>
          requireMail(services, {
            to: attributes.email as string,
            network: networkOf(call.clientAddress()),
          }),
        before: (transaction) => requireMayInvite(services, call, transaction),
        after: created,
      },
    }),
  async find(services, call, id) {
    const { read } = services.store;
    const isSeen = await findsVisible(services, call)(invitationsAccess, read, id, true);
    return isSeen ? read.records(invitations).find(id) : null;
  },
  hasPasswords: async () => true,
  reply: (services, call, invitation, selection) =>
    recordReply(invitationsAccess, services, call, invitation, selection, {
      location: locationOf(call, invitation),
    }),
};

/**
 * An invitation has no path of its own: that would be the path of its token, which is for whoever is invited. So it is the
 * list with this one alone.
 */
function locationOf(
  call: Call,
  { id, organization_id: organizationId }: { readonly id: number; readonly organization_id: number },
): string {
  const list = `${collectionPath(organizations)}/${organizationId}/${invitations.type}`;
  return `${call.baseUrl()}${list}?${writeParameters([['filter[id]', String(id)]])}`;
}

/**
 * Before anything else, and again in the transaction, which has locked the organization.
 * @throws ApiError record_not_found, access_denied
 */
async function requireMayInvite(
  services: Services,
  call: Call,
  reads: Reads = services.store.read,
): Promise<void> {
  const roles = await callerFactsOf(organizationsAccess, call.actor, reads, services.clock());
  const { id } = await requireSeen(organizationsAccess, services, call, reads, roles);
  const audience = organizationsAccess.audienceOf(call.actor, id, undefined, roles as CallerRoles);
  if ((audience & (administrator | manager)) === 0) throw new ApiError('access_denied');
}
