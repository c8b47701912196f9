// GET /passwords/{token}: whose password the link sets. It uses nothing up: programs that look for malware in mails follow
// links too.

import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { hashToken } from '../../security/tokens.ts';
import type { OpenCall, Reply, Services } from '../operation.ts';
import { reportReply } from '../operations/report.ts';
import { accountOfReset, shownReset } from './live-reset.ts';
import { passwords } from './passwords.ts';

export async function showReset(services: Services, call: OpenCall): Promise<Reply> {
  const { store, clock } = services;
  const token = call.tokens.token!;
  const account = await accountOfReset(store.read, hashToken(token), clock());
  const selection = readRecordQuery(call.query, passwords, services.queries);
  const shown = await shownReset(store.read, token, account);
  return reportReply(services, call, passwords, selection, shown);
}
