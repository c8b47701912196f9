// What the link of an invitation offers to whoever reads the mail of its address: to become a member of an organization. An
// owner or admin has invited the address, or somebody has asked for the link with the join link of the organization.

import { ApiError } from '../../errors.ts';
import { equals } from '../../model/query.ts';
import type { LinkRow } from '../../store/links.ts';
import type { Reads } from '../../store/store.ts';
import { type Organization, organizations } from '../organizations/organizations.ts';
import { type User, users } from '../users/users.ts';
import { type Invitation, invitations } from './invitations.ts';

export const purpose = 'invitation';

export interface Offer {
  readonly email: string;
  readonly organization: Organization;
  /** Null if there is none: somebody has asked with the join link, and nobody has invited the address since. */
  readonly invitation: Invitation | null;
  /** Null if there is none, or the account is gone. */
  readonly inviter: User | null;
}

type OfferReads = Pick<Reads, 'links' | 'records'>;

/** @throws ApiError record_not_found if the link cannot be used, or its invitation or organization is gone */
export async function liveOffer(reads: OfferReads, tokenHash: string, now: number): Promise<Offer> {
  return offerOf(reads, await reads.links.find(tokenHash, purpose, now));
}

/** @throws ApiError record_not_found */
export async function offerOf(reads: Pick<OfferReads, 'records'>, link: LinkRow | null): Promise<Offer> {
  if (link === null) throw new ApiError('record_not_found');
  const { invitationId, organizationId = null, email } = link;
  const invitation =
    invitationId === null
      ? await invitationTo(reads, organizationId, email!)
      : await reads.records(invitations).find(invitationId);
  const organization = await reads
    .records(organizations)
    .find(invitation?.organization_id ?? organizationId ?? 0);
  if (organization === null) throw new ApiError('record_not_found');
  const inviterId = invitation?.inviter_id ?? null;
  const inviter = inviterId === null ? null : await reads.records(users).find(inviterId);
  return { email: invitation?.email ?? email!, organization, invitation, inviter };
}

/** An owner may have invited the address that somebody has asked for: with another role, and an end. */
async function invitationTo(
  { records }: Pick<OfferReads, 'records'>,
  organizationId: number | null,
  email: string,
): Promise<Invitation | null> {
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
  return found === undefined ? null : records(invitations).find(found.id);
}

/** Where and in which language the account of somebody new is. */
export function placeOf({ organization, inviter }: Offer): Pick<User, 'locale' | 'time_zone'> {
  return {
    // The language of the mail.
    locale: (inviter ?? organization).locale,
    time_zone: organization.time_zone ?? inviter?.time_zone ?? null,
  };
}
