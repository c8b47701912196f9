// GET /invitations/{token}: to whom the link was mailed. It uses nothing up: programs that look for malware in mails follow
// links too.

import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { hashToken } from '../../security/tokens.ts';
import type { OpenCall, Reply, Services } from '../operation.ts';
import { reportReply } from '../operations/report.ts';
import { invitationLinks } from './invitation-links.ts';
import { accountOf } from './invited-person.ts';
import { liveOffer, placeOf } from './offer.ts';

export async function showOffer(services: Services, call: OpenCall): Promise<Reply> {
  const token = call.tokens.id!;
  const offer = await liveOffer(services.store.read, hashToken(token), services.clock());
  const selection = readRecordQuery(call.query, invitationLinks, services.queries);
  const shown = {
    id: token,
    email: offer.email,
    first_name: offer.invitation?.first_name ?? '',
    last_name: offer.invitation?.last_name ?? '',
    time_zone: placeOf(offer).time_zone,
  };
  const has_account = (await accountOf(services.store.read, offer.email)) !== null;
  return reportReply(services, call, invitationLinks, selection, shown, { has_account });
}
