// PATCH /users/{id}/unlock: ends the delays after failed sign-ins and wrong passwords. Also a command.

import { ApiError } from '../../errors.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { Transaction } from '../../store/store.ts';
import { requireVisible } from '../access.ts';
import type { Reply, Services, WriteCall } from '../operation.ts';
import { recordChange } from '../operations/record-change.ts';
import { recordReply, requirePrecondition } from '../operations/reply.ts';
import type { Writer } from '../operations/write-rules.ts';
import { requirePower } from '../require-rights.ts';
import { forgetFailedSignIns } from '../sign-in/sign-in-throttle.ts';
import { type User, users } from './users.ts';
import { requireRank, usersAccess } from './users-access.ts';

/**
 * @param require throws an ApiError if the writer may not; called with the locked account
 * @throws ApiError record_not_found
 */
export function unlockUser(
  writer: Writer,
  id: number,
  require: (user: User, transaction: Transaction) => unknown = () => {},
): Promise<User> {
  return writer.write(async (transaction) => {
    const user = await transaction.records(users).findForUpdate(id);
    if (user === null) throw new ApiError('record_not_found');
    await require(user, transaction);
    const { failures } = await transaction.passwords.attempts(id);
    if (failures > 0) await transaction.passwords.setAttempts(id, 0, 0);
    await forgetFailedSignIns(transaction, user.email);
    recordChange(transaction, writer, users, { verb: 'unlock', before: user, after: user });
    return user;
  });
}

export async function unlock(services: Services, call: WriteCall): Promise<Reply> {
  const { id } = await requireVisible(usersAccess, services, call);
  requirePower(call.actor, 'manage_security');
  const selection = readRecordQuery(call.query, users, services.queries);
  const user = await unlockUser(call, id, async (current, transaction) => {
    await requireVisible(usersAccess, services, call, transaction);
    requireRank(call.actor, current);
    requirePrecondition(usersAccess, services, call, current, selection, undefined);
  });
  return recordReply(usersAccess, services, call, user, selection);
}
