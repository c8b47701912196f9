// PATCH /email_confirmations/{token}: the account gets the new address. It was not reserved, so it may be taken by now.

import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { hashToken } from '../../security/tokens.ts';
import type { OpenWriteCall, Reply, Services } from '../operation.ts';
import { asTakenIdentity, takenIdentities } from '../operations/identities.ts';
import { requireReportPrecondition } from '../operations/report.ts';
import { accountByLink } from '../users/account-by-link.ts';
import { reservedAddress } from '../users/reserved-address.ts';
import { tellOldAddress } from '../users/tell-old-address.ts';
import { users } from '../users/users.ts';
import { changeEmail } from './change-email.ts';
import { emailConfirmations } from './email-confirmations.ts';
import { confirmationOf } from './live-email-change.ts';

export async function confirmEmail(services: Services, call: OpenWriteCall): Promise<Reply> {
  const { store, clock } = services;
  const token = call.tokens.token!;
  const tokenHash = hashToken(token);
  const { user: account } = await confirmationOf(store.read, tokenHash, clock());
  const selection = readRecordQuery(call.query, emailConfirmations, services.queries);
  const confirmed = call.write(async (transaction) => {
    // The account first, as all other changes of it, so that they do not deadlock.
    await transaction.records(users).findForUpdate(account.id);
    const now = clock();
    const { user, email } = await confirmationOf(transaction, tokenHash, now);
    const taken = [
      ...(await takenIdentities(transaction, users, user, { email })),
      ...(await reservedAddress(transaction, email, user.id, now)),
    ];
    if (taken.length > 0) throw ApiError.of(taken);
    const claimed = await transaction.links.claim(tokenHash, 'email_confirmation', now);
    if (claimed === null) throw new ApiError('record_not_found');
    requireReportPrecondition(services, call, emailConfirmations, selection, { id: token, email });
    const author = { actor: accountByLink(user), origin: call.origin };
    const after = await changeEmail(transaction, author, user, email, now);
    await tellOldAddress(services, transaction, author, { before: user, after }, now);
  });
  await confirmed.catch((error) => {
    throw asTakenIdentity(users, error);
  });
  return { status: 204, body: null };
}
