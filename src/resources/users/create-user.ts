// POST /users, for sysadmins who manage users; and the one way in which any account is made.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { type Attributes, readAttributes } from '../../jsonapi/read-document.ts';
import type { Role } from '../../model/actor.ts';
import type { Stored } from '../../model/kind.ts';
import { codePoints } from '../../model/text.ts';
import { passwordIdentifiers } from '../../security/password-identifiers.ts';
import { maxPasswordLength, passwordViolation } from '../../security/password-policy.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import type { Call, Services, WriteCall } from '../operation.ts';
import type { Creation, WhenCreated } from '../operations/create-once.ts';
import { recordReply } from '../operations/reply.ts';
import { emailTaken, ruleViolations } from './user-changes.ts';
import { type User, users } from './users.ts';
import { requirePower, usersAccess } from './users-access.ts';

export const userCreation: Creation = {
  resource: users,
  passwords: ['password'],
  permit: requireMayCreate,
  create: createUser,
  find: ({ store }, id) => store.read.records(users).find(id),
  async hasPasswords({ store, passwords }, { createdId, createdAt }, { password }) {
    if (typeof password !== 'string') return true;
    if (codePoints(password) > maxPasswordLength) return false;
    const stored = await store.read.passwords.find(createdId);
    const changedAt = await store.read.passwords.changedAt(createdId);
    // Not one that the user chose since: whoever repeats the request could try passwords on it.
    if (changedAt === null || changedAt > createdAt) return true;
    return passwords.run((hashing) => hashing.verify(stored, password));
  },
  reply: (services, call, row, fields) =>
    recordReply(usersAccess, services, call, row, fields, {
      location: `${call.baseUrl()}/api/v2/users/${row.id}`,
    }),
};

async function createUser(
  services: Services,
  call: WriteCall,
  attributes: Attributes,
  created: WhenCreated,
): Promise<User> {
  const { actor } = call;
  const { store, clock, zone, passwords } = services;
  const { values, violations } = readAttributes(attributes, users, {
    action: 'create',
    audience: usersAccess.audienceOf(actor, null),
    zone,
    besides: ['password'],
  });
  const password = attributes.password ?? null;
  const broken = [...violations];
  if (password !== null) {
    const identifiers = passwordIdentifiers(values, { publicUrl: call.baseUrl() });
    const rule = await passwordViolation(password, { minLength: services.minPasswordLength, identifiers });
    if (rule !== undefined) broken.push(violation('password', rule));
  }
  const rules = async (reads: Reads): Promise<ErrorObject[]> => [
    ...broken,
    ...(await ruleViolations(reads, actor, null, values)),
    ...(await organizationViolations(reads, values.default_organization_id)),
  ];
  // Hashing costs milliseconds and holds a place in a queue: what is refused anyway is refused before.
  const early = await rules(store.read);
  if (early.length > 0) throw ApiError.of(early);
  const hash = password === null ? null : await passwords.run((hashing) => hashing.hash(password as string));

  return call
    .write(async (transaction) => {
      await requireMayCreate(services, call, transaction);
      const late = await rules(transaction);
      if (late.length > 0) throw ApiError.of(late);
      const id = await insertUser(transaction, values, { now: clock(), passwordHash: hash });
      await created(transaction, id);
      return (await transaction.records(users).find(id))!;
    })
    .catch((error) => {
      throw emailTaken(error);
    });
}

/** @throws ApiError access_denied */
async function requireMayCreate(
  services: Services,
  call: Call,
  reads: Reads = services.store.read,
): Promise<void> {
  requirePower(call.actor, 'manage_users');
  if (call.organizationId !== null) await usersAccess.visible(services, call, reads);
}

async function organizationViolations(reads: Reads, id: Stored | undefined): Promise<ErrorObject[]> {
  if (typeof id !== 'number' || (await reads.organizations.find(id)) !== null) return [];
  return [violation('default_organization_id', 'is not a known organization')];
}

/** A new account, a member of its default organization where it has one. @returns its id */
export async function insertUser(
  transaction: Transaction,
  values: Readonly<Record<string, Stored>>,
  options: { now: number; passwordHash: string | null; role?: Role },
): Promise<number> {
  const { now, passwordHash, role = 'member' } = options;
  const id = await transaction.records(users).insert({ ...values, updated_at: now });
  const organizationId = values.default_organization_id;
  if (typeof organizationId === 'number') await transaction.memberships.set(organizationId, id, role, now);
  if (passwordHash !== null) await transaction.passwords.set(id, passwordHash, now);
  return id;
}
