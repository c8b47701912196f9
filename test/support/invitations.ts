// Invitations for tests, written directly, without a mail.

import type { ValuesOf } from '../../src/model/resource.ts';
import { type Invitation, invitations } from '../../src/resources/invitations/invitations.ts';
import { invitedPerson } from '../../src/resources/invitations/invited-person.ts';
import { newColumns } from '../../src/resources/operations/changed-columns.ts';
import type { TestApp } from './start-app.ts';

/** @param values by default of a member, with a link that is valid for a day */
export function insertInvitation(
  { store, clock }: Pick<TestApp, 'store' | 'clock'>,
  organizationId: number,
  email: string,
  values: ValuesOf<typeof invitations> = {},
): Promise<Invitation> {
  return store.write(async (transaction) => {
    const given = { organization_id: organizationId, email, ...values };
    const person_id = await invitedPerson(transaction, given, clock.now);
    const row = { ...given, person_id, token_expires_at: clock.now + 86_400_000 };
    const id = await transaction.records(invitations).insert(newColumns(invitations, row, clock.now));
    return (await transaction.records(invitations).find(id))!;
  });
}
