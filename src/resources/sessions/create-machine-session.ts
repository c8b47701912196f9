// POST /sessions/machine: creates an API token. It needs the password, or a sign-in that was just made: whoever has stolen
// a token must not be able to create another one that outlives it.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { type GivenRecord, readAttributes, requiredText } from '../../jsonapi/read-document.ts';
import type { AccountActor } from '../../model/actor.ts';
import { identifier } from '../../model/kinds.ts';
import { equals } from '../../model/query.ts';
import type { ValuesOf } from '../../model/resource.ts';
import type { Reads } from '../../store/store.ts';
import type { Services, WriteCall } from '../operation.ts';
import type { Creation, WhenCreated } from '../operations/create-once.ts';
import { findsVisible } from '../operations/references.ts';
import { requireUnbound } from '../require-rights.ts';
import { provePassword, requireProven, withPlace } from '../users/prove-password.ts';
import { createSession, type NewSession } from './create-session.ts';
import { sessionReply } from './session-reply.ts';
import { type Session, sessions } from './sessions.ts';
import { belongsTo, requireOrganization, sessionsAccess } from './sessions-access.ts';

const ofPassword = { action: `${sessions.singular}.create`, attribute: 'password' };

/** How long a sign-in stands for the password. */
const freshSignInMs = 10 * 60 * 1000;

/** Attributes of the request that are not attributes of the session. */
const extra = ['password', 'organization_id'];

export const machineSessionCreation: Creation<typeof sessions> = {
  resource: sessions,
  passwords: ['password'],
  async permit(services, call, reads = services.store.read) {
    await requireOrganization(services, call, reads);
    requireUnbound(call.actor);
  },
  create: createMachineSession,
  async find(services, call, id) {
    const { read } = services.store;
    const isSeen = await findsVisible(services, call)(sessionsAccess, read, id, true);
    return isSeen ? read.records(sessions).find(id) : null;
  },
  // The password is not stored with the session. A comparison here would let callers guess it without being counted.
  hasPasswords: async () => true,
  reply: sessionReply,
};

async function createMachineSession(
  services: Services,
  call: WriteCall,
  given: GivenRecord,
  created: WhenCreated,
): Promise<Session> {
  const { store, clock, sessionLimits: limits } = services;
  const { actor } = call;
  const { password = null } = given.attributes;
  if (password === null && needsPassword(services, actor)) throw new ApiError('reauthentication_required');
  const { values, organizationId, violations } = readMachineSession(services, actor, given);
  const decide = async (reads: Reads): Promise<NewSession> => {
    const membershipId = await currentMembership(reads, actor, organizationId, clock());
    const broken = membershipId === undefined ? [...violations, notOfCaller] : violations;
    if (broken.length > 0) throw ApiError.of(broken);
    await requireFewTokens(reads, actor.userId);
    return { ...values, user_id: actor.userId, machine: true, membership_id: membershipId! };
  };
  // Before the password is hashed, and again in the transaction.
  await decide(store.read);

  // The membership cannot end meanwhile: whoever removes it waits for this lock.
  const organization = organizationId === null ? null : { id: organizationId, isShared: true };
  const create = (proven: string | null) =>
    call.write(
      async (transaction) => {
        await machineSessionCreation.permit(services, call, transaction);
        if (proven !== null) await requireProven(transaction, actor.userId, proven, 'password');
        const decided = await decide(transaction);
        const made = await createSession(transaction, call, decided, { limits, now: clock() });
        await created(transaction, made.session.id);
        return { ...made.session, token: made.token };
      },
      { organization, userIds: [actor.userId] },
    );
  if (password === null) return create(null);
  return withPlace(services, call, async (hashing) =>
    create(await provePassword(services, call, hashing, password as string, ofPassword)),
  );
}

/** API tokens of one account. A sign-in that was just made creates them without a password, so without a delay. */
const maxTokens = 1000;

/** The write has locked the account, so parallel requests are counted one after another. */
async function requireFewTokens({ records }: Reads, userId: number): Promise<void> {
  const ofCaller = { all: [belongsTo(userId), equals('machine', true)] };
  if ((await records(sessions).count(ofCaller, null)) >= maxTokens)
    throw new ApiError('access_denied', {
      detail: `You have ${maxTokens} API tokens, which is the maximum: end one of them first`,
    });
}

/** An API token does not show when its holder last gave the password. */
function needsPassword({ clock, tokensWithoutPassword }: Services, { signedInAt }: AccountActor): boolean {
  if (tokensWithoutPassword) return false;
  return signedInAt === null || clock() - signedInAt > freshSignInMs;
}

interface MachineSession {
  readonly values: ValuesOf<typeof sessions>;
  /** Null for a token that is not bound. */
  readonly organizationId: number | null;
  readonly violations: readonly ErrorObject[];
}

/** What does not depend on other rows. */
function readMachineSession(
  { clock, zone }: Services,
  actor: AccountActor,
  { attributes, violations: ofRelationships }: GivenRecord,
): MachineSession {
  const by = sessionsAccess.audienceOf(actor, null, undefined, undefined);
  const read = readAttributes(attributes, sessions, { action: 'create', by, zone, extra });
  const { token_expires_at: end } = read.values;
  const { password, organization_id: organization = null } = attributes;
  const checked = organization === null ? { value: null } : identifier.check(organization, zone);
  const isNamed = Object.hasOwn(attributes, 'name') && attributes.name !== null;
  return {
    values: read.values,
    organizationId: 'violations' in checked ? null : checked.value,
    violations: [
      ...ofRelationships,
      ...(isNamed ? [] : [violation('name', "can't be blank")]),
      ...read.violations,
      ...(typeof end === 'number' && end <= clock() ? [violation('token_expires_at', 'is in the past')] : []),
      ...('violations' in checked
        ? checked.violations.map((rule) => violation('organization_id', rule))
        : []),
      ...(password === undefined || password === null ? [] : requiredText('password', password)),
    ],
  };
}

/** @returns null for a token that is not bound, undefined if the caller is not a current member */
async function currentMembership(
  { memberships }: Reads,
  { userId }: AccountActor,
  organizationId: number | null,
  now: number,
): Promise<number | null | undefined> {
  if (organizationId === null) return null;
  const role = await memberships.role(organizationId, userId, now);
  return role === null ? undefined : ((await memberships.idOf(organizationId, userId)) ?? undefined);
}

const notOfCaller = violation('organization_id', 'is not an organization of yours');
