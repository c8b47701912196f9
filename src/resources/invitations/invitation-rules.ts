// The rules for writing invitations that do not follow from the definition.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { type Actor, managesOrganizations } from '../../model/actor.ts';
import type { AudienceSet } from '../../model/audience.ts';
import { mailboxKeys } from '../../model/mailbox.ts';
import { equals } from '../../model/query.ts';
import type { ValuesOf } from '../../model/resource.ts';
import type { Reads } from '../../store/store.ts';
import { newColumns } from '../operations/changed-columns.ts';
import { identityTaken } from '../operations/identities.ts';
import type { Asked, CreationRules, Decision, WriteRules } from '../operations/write-rules.ts';
import { byMail, type InvitationDelivery, linkEnd } from './deliver-invitation.ts';
import { type Invitation, invitations } from './invitations.ts';
import { administrator, invitationsAccess, manager, owner } from './invitations-access.ts';
import { accountOf, invitedPerson } from './invited-person.ts';

type Values = ValuesOf<typeof invitations>;

export const invitationRules = invitationRulesBy(byMail);

export function invitationRulesBy(delivery: InvitationDelivery): WriteRules<typeof invitations> {
  return {
    resource: invitations,
    access: invitationsAccess,
    // The role in the organization decides, see invite.ts and `requireMayWrite`.
    requireMayCreate() {},
    requireMayUpdate() {},
    requireMayDelete() {},
    requireMayWrite: (_actor, current, audience) => requireMayWriteInvitation(current, audience),
    // As changes of memberships do: an invitation and a membership of one account do not pass each other.
    locksToCreate: ({ organization_id: id }) => lockOf(id!),
    locksToChange: ({ organization_id: id }) => lockOf(id),
    creation: creationBy(delivery),
    decide: decideInvitation,
    async alongside(services, transaction, _author, { before, after }) {
      if (after === null) await transaction.invitations.erase([before!.id]);
      else if (before === null) await delivery.deliver(services, transaction, after);
    },
  };
}

function creationBy(delivery: InvitationDelivery): CreationRules<typeof invitations> {
  return {
    extra: () => [],
    async prepare(services) {
      delivery.requirePossible(services.mail);
      return {
        violations: [],
        finish: async () => async (transaction, _author, values, now) => {
          const person_id = await invitedPerson(transaction, values, now);
          const row = { ...values, person_id, token_expires_at: linkEnd(services, values, now) };
          return transaction.records(invitations).insert(newColumns(invitations, row, now));
        },
      };
    },
    secrets: [],
    hasSecrets: async () => true,
  };
}

export function lockOf(organizationId: number) {
  return { organization: { id: organizationId, isShared: false }, userIds: [] };
}

/**
 * Admins write invitations of members only, as with memberships.
 * @throws ApiError access_denied
 */
export function requireMayWriteInvitation({ role }: Invitation, audience: AudienceSet): void {
  const mayWrite = owner | manager | (role === 'member' ? administrator : 0);
  if ((audience & mayWrite) === 0) throw new ApiError('access_denied');
}

async function decideInvitation(
  reads: Reads,
  { actor, wanted, now }: Asked<typeof invitations>,
): Promise<Decision<typeof invitations>> {
  return {
    values: { ...wanted, inviter_id: actor.userId },
    violations: [
      ...(await takenAddress(reads, wanted, now)),
      ...(await aboveOwn(reads, actor, wanted, now)),
      ...endInPast(wanted, now),
    ],
  };
}

/** The address of a current member, or of somebody who is invited already. */
async function takenAddress(
  reads: Reads,
  { organization_id: organizationId, email }: Values,
  now: number,
): Promise<ErrorObject[]> {
  if (email === undefined) return [];
  const account = await accountOf(reads, email);
  const isMember =
    account !== null && (await reads.memberships.role(organizationId!, account.id, now)) !== null;
  return isMember || (await isInvited(reads, organizationId!, email)) ? [identityTaken('email')] : [];
}

async function isInvited({ records }: Reads, organizationId: number, email: string): Promise<boolean> {
  const ofAddress = { attribute: 'email', operator: 'eq', values: mailboxKeys(email) } as const;
  const filter = { all: [equals('organization_id', organizationId), ofAddress] };
  return (await records(invitations).count(filter, null)) > 0;
}

/** Admins give no role but `member`. */
async function aboveOwn(
  { memberships }: Reads,
  actor: Actor,
  { organization_id: organizationId, role = 'member' }: Values,
  now: number,
): Promise<ErrorObject[]> {
  if (role === 'member' || managesOrganizations(actor)) return [];
  const own = await memberships.role(organizationId!, actor.userId!, now);
  return own === 'owner' ? [] : [violation('role', 'is above your own')];
}

/** The violation if the membership would have ended. */
export function endInPast(
  { expires_at: end = null }: Pick<Values, 'expires_at'>,
  now: number,
): ErrorObject[] {
  return end !== null && end <= now ? [violation('expires_at', 'is in the past')] : [];
}
