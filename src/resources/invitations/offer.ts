// What the link of an invitation offers to whoever reads the mail of its address: to become a member of an organization. An
// owner or admin has invited the address, or somebody has asked for the link with the join link of the organization.

import { ApiError } from '../../errors.ts';
import { equals } from '../../model/query.ts';
import type { LinkRow } from '../../store/links.ts';
import type { Reads } from '../../store/store.ts';
import { type Organization, organizations } from '../organizations/organizations.ts';
import { type User, users } from '../users/users.ts';
import { type Invitation, invitations } from './invitations.ts';
import { isRoleGiven } from './inviter-rights.ts';

export const purpose = 'invitation';

export interface Offer {
  readonly email: string;
  readonly organization: Organization;
  /** Null if there is none: somebody has asked with the join link, and nobody has invited the address since. */
  readonly invitation: Invitation | null;
  /** Null if there is none, or the account is gone. */
  readonly inviter: User | null;
}

type OfferReads = Pick<Reads, 'records' | 'memberships'>;

/**
 * @throws ApiError record_not_found if the link cannot be used, its invitation or organization is gone, or the inviter may
 *   not give the role any more
 */
export async function liveOffer(
  reads: OfferReads & Pick<Reads, 'links'>,
  tokenHash: string,
  now: number,
): Promise<Offer> {
  return offerOf(reads, await reads.links.find(tokenHash, purpose, now), now);
}

/** @throws ApiError record_not_found */
export async function offerOf(reads: OfferReads, link: LinkRow | null, now: number): Promise<Offer> {
  if (link === null) throw new ApiError('record_not_found');
  const { invitationId, organizationId = null, email } = link;
  const invitation =
    invitationId === null
      ? await invitationTo(reads, organizationId, email!, now)
      : await reads.records(invitations).find(invitationId);
  if (invitation !== null && !(await isRoleGiven(reads, invitation, now)))
    throw new ApiError('record_not_found');
  const organization = await reads
    .records(organizations)
    .find(invitation?.organization_id ?? organizationId ?? 0);
  if (organization === null) throw new ApiError('record_not_found');
  const inviterId = invitation?.inviter_id ?? null;
  const inviter = inviterId === null ? null : await reads.records(users).find(inviterId);
  return { email: invitation?.email ?? email!, organization, invitation, inviter };
}

/** An owner may have invited the address that somebody has asked for: with another role, and an end. Null if that has expired. */
async function invitationTo(
  reads: OfferReads,
  organizationId: number | null,
  email: string,
  now: number,
): Promise<Invitation | null> {
  const { records } = reads;
  const [found] = await records(invitations).page(
    {
      filter: { all: [equals('organization_id', organizationId), equals('email', email)] },
      sort: [{ attribute: 'id', descending: false }],
      fields: null,
      page: { by: 'number', number: 1, size: 1 },
    },
    null,
    null,
  );
  const invitation = found === undefined ? null : await records(invitations).find(found.id);
  if (invitation === null) return null;
  const isValid = invitation.token_expires_at > now && (await isRoleGiven(reads, invitation, now));
  return isValid ? invitation : null;
}

/** Where and in which language the account of somebody new is. */
export function placeOf({ organization, inviter }: Offer): Pick<User, 'locale' | 'time_zone'> {
  return {
    // The language of the mail.
    locale: (inviter ?? organization).locale,
    time_zone: organization.time_zone ?? inviter?.time_zone ?? null,
  };
}
