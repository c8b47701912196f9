// Creates accounts: the attributes, a password, and a membership. Every account is created here, except in an import,
// which creates many at once.

import { type ErrorObject, violation } from '../../errors.ts';
import type { Role } from '../../model/actor.ts';
import type { ValuesOf } from '../../model/resource.ts';
import { codePoints } from '../../model/text.ts';
import { maxPasswordLength, passwordViolation } from '../../security/password-policy.ts';
import type { Transaction } from '../../store/store.ts';
import { joinOrganization } from '../memberships/join-organization.ts';
import { newColumns } from '../operations/changed-columns.ts';
import type { Author } from '../operations/record-change.ts';
import type { CreationRules } from '../operations/write-rules.ts';
import { users } from './users.ts';

export const userCreation: CreationRules<typeof users> = {
  // Only commands may give a role here; requests use memberships.
  extra: ({ userId }) => (userId === null ? ['password', 'role'] : ['password']),
  async prepare({ passwordPolicy, passwords }, publicUrl, { values, attributes }) {
    const { password = null, role = 'member' } = attributes;
    const violations: ErrorObject[] = [];
    if (password !== null) {
      const rule = await passwordViolation(password, values, passwordPolicy, publicUrl);
      if (rule !== undefined) violations.push(violation('password', rule));
    }
    return {
      violations,
      async finish() {
        const passwordHash =
          password === null
            ? null
            : await passwords.run('signed_in', (hashing) => hashing.hash(password as string));
        return (transaction, author, wanted, now) =>
          insertUser(transaction, author, wanted, { now, passwordHash, role: role as Role });
      },
    };
  },
  secrets: ['password'],
  async hasSecrets({ store, passwords }, { createdId, createdAt }, { password }) {
    if (typeof password !== 'string') return true;
    if (codePoints(password) > maxPasswordLength) return false;
    const stored = await store.read.passwords.find(createdId);
    const changedAt = await store.read.passwords.changedAt(createdId);
    // If the user has changed the password since, do not compare: the sender of the retry could guess the new one.
    if (changedAt === null || changedAt > createdAt) return true;
    return passwords.run('signed_in', (hashing) => hashing.verify(stored, password));
  },
};

/**
 * Inserts an account. If it has a default organization, it becomes a member of it.
 * @param options.now milliseconds since 1970
 * @returns the id of the account
 */
export async function insertUser(
  transaction: Transaction,
  author: Author,
  values: ValuesOf<typeof users>,
  options: { now: number; passwordHash: string | null; role?: Role },
): Promise<number> {
  const { now, passwordHash, role = 'member' } = options;
  const id = await transaction.records(users).insert(newColumns(users, values, now));
  const organizationId = values.default_organization_id;
  if (typeof organizationId === 'number')
    await joinOrganization(transaction, author, id, { organizationId, role }, now);
  if (passwordHash !== null) await transaction.passwords.set(id, passwordHash, now);
  return id;
}
