// DELETE /users/{id}, for sysadmins who manage users. Everything of the account goes with it.

import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { Reply, Services, WriteCall } from '../operation.ts';
import { refuseToDeleteLast } from './last-sysadmin.ts';
import { users } from './users.ts';
import { audienceOf, requirePower, requireRank, requireVisible } from './users-access.ts';

export async function deleteUser(services: Services, call: WriteCall): Promise<Reply> {
  const { id } = await requireVisible(services, call);
  requirePower(call.actor, 'manage_users');
  const fields = readRecordQuery(call.query, users);
  await call.write(async (transaction) => {
    const current = await transaction.records(users).findForUpdate(id);
    if (current === null) throw new ApiError('record_not_found');
    await requireVisible(services, call, transaction);
    requireRank(call.actor, current);
    await refuseToDeleteLast(transaction, current);
    const etag = services.renderings.etag(current.revision as number, audienceOf(call.actor, id), fields);
    if (call.precondition(etag) === 'failed') throw new ApiError('precondition_failed');
    await transaction.records(users).delete(id);
  });
  return { status: 204, body: null };
}
