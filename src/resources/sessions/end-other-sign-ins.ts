// DELETE /sessions: ends all sign-ins of the caller but this one. API tokens stay.

import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { Reply, Services, WriteCall } from '../operation.ts';
import { recordChange } from '../operations/record-change.ts';
import { requireUnbound } from '../require-rights.ts';
import { sessions } from './sessions.ts';
import { requireOrganization } from './sessions-access.ts';

export async function endOtherSignIns(services: Services, call: WriteCall): Promise<Reply> {
  const { actor } = call;
  await requireOrganization(services, call, services.store.read);
  requireUnbound(actor);
  readRecordQuery(call.query, sessions, services.queries);
  await call.write(async (transaction) => {
    await requireOrganization(services, call, transaction);
    const ended = await transaction.sessions.endSignIns(actor.userId, actor.sessionId);
    if (ended === 0) return;
    const own = await transaction.records(sessions).find(actor.sessionId);
    recordChange(transaction, call, sessions, {
      verb: 'end_others',
      before: own,
      after: own,
      details: { sign_ins_ended: ended },
    });
  });
  return { status: 204, body: null };
}
