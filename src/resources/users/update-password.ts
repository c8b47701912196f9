// PATCH /users/{id}/update_password: only for the user, who must give the current password.

import { ApiError, violation } from '../../errors.ts';
import {
  type Attributes,
  readDocument,
  requiredText,
  unknownAttributes,
} from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { passwordViolation } from '../../security/password-policy.ts';
import { requireVisible } from '../access.ts';
import type { Reply, Services, WriteCall } from '../operation.ts';
import { recordReply, requirePrecondition } from '../operations/reply.ts';
import { requireUnbound } from '../require-rights.ts';
import { provePassword, requireProven, withPlace } from './prove-password.ts';
import { storePassword, verb } from './set-password.ts';
import { users } from './users.ts';
import { usersAccess } from './users-access.ts';

export async function updatePassword(services: Services, call: WriteCall): Promise<Reply> {
  const { store, passwordPolicy } = services;
  const { id } = await requireVisible(usersAccess, services, call);
  if (id !== call.actor.userId) throw new ApiError('access_denied');
  requireUnbound(call.actor);
  const selection = readRecordQuery(call.query, users, services.queries);
  const { current, next } = readPasswords(readDocument(call.body, { type: users.type, id }));
  // Before there is a place in the queue, because a server that knows breached passwords may take its time.
  const account = (await store.read.records(users).find(id)) ?? {};
  const rule = await passwordViolation(next, account, passwordPolicy, call.baseUrl());

  // Both hashes use one place in the queue, so that a change is never shed halfway. A request that is shed does not
  // count as an attempt.
  const row = await withPlace(services, call, async (hashing) => {
    const proven = await provePassword(services, call, hashing, current, {
      action: `${users.singular}.${verb}`,
      attribute: currentPassword,
    });
    if (rule !== undefined) throw ApiError.of([violation('password', rule)]);
    const hash = await hashing.hash(next);

    return call.write(async (transaction) => {
      const user = await requireProven(transaction, id, proven, currentPassword);
      await requireVisible(usersAccess, services, call, transaction);
      requirePrecondition(usersAccess, services, call, user, selection, undefined);
      await storePassword(services, transaction, call, user, { hash, verb, by: 'account' });
      return user;
    });
  });
  return recordReply(usersAccess, services, call, row, selection);
}

const currentPassword = 'current_password';

/** @throws ApiError invalid_attribute for each attribute that is missing, not a string, or unknown */
function readPasswords(attributes: Attributes): { current: string; next: string } {
  const { [currentPassword]: current, password: next, ...unknown } = attributes;
  const violations = [
    ...requiredText(currentPassword, current),
    ...requiredText('password', next),
    ...unknownAttributes(Object.keys(unknown)),
  ];
  if (violations.length > 0) throw ApiError.of(violations);
  return { current: current as string, next: next as string };
}
