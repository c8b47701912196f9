// DELETE /users/{id}, for sysadmins who manage users. Everything of the account goes with it.

import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { requireVisible } from '../access.ts';
import type { Reply, Services, WriteCall } from '../operation.ts';
import { requirePrecondition } from '../operations/reply.ts';
import { refuseToDeleteLast } from './last-sysadmin.ts';
import { users } from './users.ts';
import { requirePower, requireRank, usersAccess } from './users-access.ts';

export async function deleteUser(services: Services, call: WriteCall): Promise<Reply> {
  const { id } = await requireVisible(usersAccess, services, call);
  requirePower(call.actor, 'manage_users');
  const fields = readRecordQuery(call.query, users);
  await call.write(async (transaction) => {
    const current = await transaction.records(users).findForUpdate(id);
    if (current === null) throw new ApiError('record_not_found');
    await requireVisible(usersAccess, services, call, transaction);
    requireRank(call.actor, current);
    await refuseToDeleteLast(transaction, current);
    requirePrecondition(usersAccess, services, call, current, fields);
    await transaction.records(users).delete(id);
  });
  return { status: 204, body: null };
}
