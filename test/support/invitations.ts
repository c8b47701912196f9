// Invitations for tests, written directly, without a mail.

import type { ValuesOf } from '../../src/model/resource.ts';
import { type Invitation, invitations } from '../../src/resources/invitations/invitations.ts';
import { invitedPerson } from '../../src/resources/invitations/invited-person.ts';
import { newColumns } from '../../src/resources/operations/changed-columns.ts';
import type { Transaction } from '../../src/store/store.ts';
import type { TestApp } from './start-app.ts';

type Values = ValuesOf<typeof invitations>;

/** @param values by default of a member, with a link that is valid for a day */
export function insertInvitation(
  { store, clock }: Pick<TestApp, 'store' | 'clock'>,
  organizationId: number,
  email: string,
  values: Values = {},
): Promise<Invitation> {
  return store.write((transaction) =>
    insert(transaction, { organization_id: organizationId, email, ...values }, clock.now),
  );
}

/** `guest0@new.example` and so on, in one transaction. */
export function insertInvitations(
  { store, clock }: Pick<TestApp, 'store' | 'clock'>,
  organizationId: number,
  count: number,
): Promise<void> {
  return store.write(async (transaction) => {
    for (let i = 0; i < count; i++) {
      const given = { organization_id: organizationId, email: `guest${i}@new.example` };
      await insert(transaction, given, clock.now);
    }
  });
}

async function insert(transaction: Transaction, given: Values, now: number): Promise<Invitation> {
  const person_id = await invitedPerson(transaction, given, now);
  const row = { ...given, person_id, token_expires_at: now + 86_400_000 };
  const id = await transaction.records(invitations).insert(newColumns(invitations, row, now));
  return (await transaction.records(invitations).find(id))!;
}
