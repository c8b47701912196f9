// GET /email_confirmations/{token} and GET /email_undos/{token}: what the link does. It uses nothing up: programs that look
// for malware in mails follow links too.

import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { hashToken } from '../../security/tokens.ts';
import type { OpenCall, Reply, Services } from '../operation.ts';
import { reportReply } from '../operations/report.ts';
import { emailConfirmations } from './email-confirmations.ts';
import { emailUndos } from './email-undos.ts';
import { confirmationOf, needsPassword, undoOf } from './live-email-change.ts';

export async function showEmailConfirmation(services: Services, call: OpenCall): Promise<Reply> {
  const { store, clock } = services;
  const token = call.tokens.token!;
  const { email } = await confirmationOf(store.read, hashToken(token), clock());
  const selection = readRecordQuery(call.query, emailConfirmations, services.queries);
  return reportReply(services, call, emailConfirmations, selection, { id: token, email });
}

export async function showEmailUndo(services: Services, call: OpenCall): Promise<Reply> {
  const { store, clock } = services;
  const token = call.tokens.token!;
  const change = await undoOf(store.read, hashToken(token), clock());
  const selection = readRecordQuery(call.query, emailUndos, services.queries);
  return reportReply(services, call, emailUndos, selection, {
    id: token,
    email: change.email,
    password_needed: await needsPassword(store.read, change),
  });
}
