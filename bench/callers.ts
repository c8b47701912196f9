// Creates callers with several memberships, as clients have that sign in and ask for their organizations.

import { system } from '../src/model/actor.ts';
import { joinOrganization } from '../src/resources/memberships/join-organization.ts';
import { insertOrganization } from '../src/resources/organizations/insert-organization.ts';
import { createSession } from '../src/resources/sessions/create-session.ts';
import { sessionLimits } from '../src/security/session-limits.ts';
import type { Store, Transaction } from '../src/store/store.ts';

/** Numbers of memberships that callers have. */
export const membershipCounts = [5, 30] as const;

const callersOfEach = 20;
const author = { actor: system, origin: () => null };
const limits = sessionLimits({
  sessionProfile: 'standard',
  sessionIdleMinutes: null,
  sessionAbsoluteMinutes: null,
});
const roles = ['member', 'owner', 'admin'] as const;

/** The API tokens of the callers with so many memberships. */
export function callerTokens(memberships: number): string[] {
  return Array.from(
    { length: callersOfEach },
    (_, i) => `bench-caller-${i}-with-${memberships}-memberships-token`,
  );
}

/** Makes accounts callers: each is a member of organization 1 already, and joins further ones. */
export async function addCallers(store: Store, firstUserId: number): Promise<void> {
  const organizationIds = [1];
  let userId = firstUserId;
  await store.write(async (transaction) => {
    for (let i = 2; i <= Math.max(...membershipCounts); i++)
      organizationIds.push(await insertOrganization(transaction, { name: `Organization ${i}` }, Date.now()));
  });
  for (const count of membershipCounts)
    for (const token of callerTokens(count)) {
      const id = userId++;
      await store.write((transaction) => addCaller(transaction, id, token, organizationIds.slice(1, count)));
    }
}

async function addCaller(
  transaction: Transaction,
  userId: number,
  token: string,
  organizationIds: readonly number[],
): Promise<void> {
  const now = Date.now();
  for (const organizationId of organizationIds) {
    const role = roles[organizationId % roles.length]!;
    await joinOrganization(transaction, author, userId, { organizationId, role }, now);
  }
  const session = { user_id: userId, machine: true, name: 'bench', token };
  await createSession(transaction, author, session, { limits, now });
}
