// GET /invitations/{token}: to whom the link was mailed. It uses nothing up: programs that look for malware in mails follow
// links too.

import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { hashToken } from '../../security/tokens.ts';
import type { Reads } from '../../store/store.ts';
import type { OpenCall, Reply, Services } from '../operation.ts';
import { type ReportValues, reportReply } from '../operations/report.ts';
import { invitationLinks } from './invitation-links.ts';
import { accountOf } from './invited-person.ts';
import { liveOffer, type Offer, placeOf } from './offer.ts';

export async function showOffer(services: Services, call: OpenCall): Promise<Reply> {
  const token = call.tokens.id!;
  const offer = await liveOffer(services.store.read, hashToken(token), services.clock());
  const selection = readRecordQuery(call.query, invitationLinks, services.queries);
  const { values, meta } = await shownOffer(services.store.read, token, offer);
  return reportReply(services, call, invitationLinks, selection, values, meta);
}

/** What whoever holds the link may know. */
export async function shownOffer(reads: Reads, token: string, offer: Offer) {
  const values: ReportValues<typeof invitationLinks> = {
    id: token,
    email: offer.email,
    first_name: offer.invitation?.first_name ?? '',
    last_name: offer.invitation?.last_name ?? '',
    time_zone: placeOf(offer).time_zone,
  };
  return { values, meta: { has_account: (await accountOf(reads, offer.email)) !== null } };
}
