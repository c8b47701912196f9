// PATCH /users/{id}/update_password: only for the user, who must give the current password.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { type Attributes, readDocument, unknownAttributes } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { passwordViolation } from '../../security/password-policy.ts';
import type { Transaction } from '../../store/store.ts';
import { requireVisible } from '../access.ts';
import type { Reply, Services, WriteCall } from '../operation.ts';
import { recordReply, requirePrecondition } from '../operations/reply.ts';
import { countAttempt } from './password-throttle.ts';
import { storePassword } from './set-password.ts';
import { type User, users } from './users.ts';
import { usersAccess } from './users-access.ts';

export async function updatePassword(services: Services, call: WriteCall): Promise<Reply> {
  const { store, clock, passwords, minPasswordLength } = services;
  const { id } = await requireVisible(usersAccess, services, call);
  if (id !== call.actor.userId) throw new ApiError('access_denied');
  const selection = readRecordQuery(call.query, users, services.queries);
  const { current, next } = readPasswords(readDocument(call.body, { type: users.type, id }));

  // Both hashes use one place in the queue, so that a change is never shed halfway. A request that is shed does not
  // count as an attempt.
  const row = await passwords.run('signed_in', async (hashing) => {
    await countAttempt(services, call, id);
    const stored = await store.read.passwords.find(id);
    if (!(await hashing.verify(stored, current))) throw ApiError.of([wrongPassword]);
    // A hash from another system is replaced as soon as the password is known to be correct.
    const proven = hashing.isOutdated(stored!) ? await hashing.hash(current) : stored!;
    await call.write(async (transaction) => {
      await requireCurrent(transaction, id, stored);
      await transaction.passwords.setAttempts(id, 0, 0);
      if (proven !== stored) await transaction.passwords.set(id, proven, clock());
    });

    const account = (await store.read.records(users).find(id)) ?? {};
    const rule = await passwordViolation(next, account, { minPasswordLength, publicUrl: call.baseUrl() });
    if (rule !== undefined) throw ApiError.of([violation('password', rule)]);
    const hash = await hashing.hash(next);

    return call.write(async (transaction) => {
      const user = await requireCurrent(transaction, id, proven);
      await requireVisible(usersAccess, services, call, transaction);
      requirePrecondition(usersAccess, services, call, user, selection, undefined);
      await storePassword(transaction, call, user, hash, clock());
      return user;
    });
  });
  return recordReply(usersAccess, services, call, row, selection);
}

/**
 * Locks the account, and checks that the verified password is still the current one.
 * @throws ApiError invalid_attribute if another change came first
 */
async function requireCurrent(transaction: Transaction, id: number, proven: string | null): Promise<User> {
  const user = await transaction.records(users).findForUpdate(id);
  if (user === null) throw new ApiError('record_not_found');
  if ((await transaction.passwords.find(id)) !== proven) throw ApiError.of([wrongPassword]);
  return user;
}

const wrongPassword = violation('current_password', 'is not valid');

/** @throws ApiError invalid_attribute for each attribute that is missing, not a string, or unknown */
function readPasswords(attributes: Attributes): { current: string; next: string } {
  const { current_password: current, password: next, ...unknown } = attributes;
  const violations: ErrorObject[] = [];
  for (const [name, value] of Object.entries({ current_password: current, password: next })) {
    if (value === undefined || value === null || value === '')
      violations.push(violation(name, "can't be blank"));
    else if (typeof value !== 'string') violations.push(violation(name, 'is not a string'));
  }
  violations.push(...unknownAttributes(Object.keys(unknown)));
  if (violations.length > 0) throw ApiError.of(violations);
  return { current: current as string, next: next as string };
}
