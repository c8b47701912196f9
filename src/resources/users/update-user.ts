// PATCH /users/{id}: partial, and all of it or nothing.

import { ApiError } from '../../errors.ts';
import { readAttributes, readDocument } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { Row } from '../../model/resource.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { requireVisible } from '../access.ts';
import type { Reply, Services, WriteCall } from '../operation.ts';
import { recordReply, requirePrecondition } from '../operations/reply.ts';
import { asksForAddress, slowTakenAddresses } from './email-throttle.ts';
import { decideUpdate, dependsOnOthers, emailIsTaken, emailTaken } from './user-changes.ts';
import { type User, users } from './users.ts';
import { requireMayChange, requireRank, usersAccess } from './users-access.ts';

export async function updateUser(services: Services, call: WriteCall): Promise<Reply> {
  const { store, clock, zone } = services;
  const { id } = await requireVisible(usersAccess, services, call);
  requireMayChange(call.actor, id);
  const fields = readRecordQuery(call.query, users);
  const audience = usersAccess.audienceOf(call.actor, id);
  const attributes = readDocument(call.body, { type: users.type, id });
  const requested = readAttributes(attributes, users, { action: 'update', audience, zone });

  /** By the last decision. */
  let foundTaken = false;
  const decide = async (reads: Reads, current: User | null): Promise<Row | null> => {
    foundTaken = false;
    if (current === null) throw new ApiError('record_not_found');
    await requireVisible(usersAccess, services, call, reads);
    requireRank(call.actor, current);
    const { changes, violations } = await decideUpdate(reads, call.actor, current, requested, clock());
    foundTaken = violations.includes(emailIsTaken);
    if (violations.length > 0) throw ApiError.of(violations);
    // RFC 9110 section 13.2.1: a precondition counts only where the request would succeed without it.
    requirePrecondition(usersAccess, services, call, current, fields);
    return Object.keys(changes).length === 0 ? null : changes;
  };
  const changeHeld = async (transaction: Transaction): Promise<User | ApiError> => {
    const current = await transaction.records(users).findForUpdate(id);
    const change = async () => {
      const changes = await decide(transaction, current);
      return changes === null ? current! : transaction.records(users).update(id, changes);
    };
    if (!asksForAddress(call.actor, current, requested.values)) return change();
    return slowTakenAddresses(transaction, id, clock(), change, () => foundTaken);
  };
  const row =
    call.organizationId !== null || dependsOnOthers(requested.values)
      ? await call.write(changeHeld).catch((error) => {
          throw emailTaken(error);
        })
      : await call.changeRecord(users, id, (current) => decide(store.read, current));
  if (row instanceof ApiError) throw row;
  return recordReply(usersAccess, services, call, row, fields);
}
