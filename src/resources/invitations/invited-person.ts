// The person of an invitation: somebody who was a member before, or a new person, who waits until the invitation is
// accepted. The membership then takes the person over, see the migration 0021.

import { equals } from '../../model/query.ts';
import type { ValuesOf } from '../../model/resource.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { people } from '../people/people.ts';
import { type User, users } from '../users/users.ts';
import type { invitations } from './invitations.ts';

/**
 * The account is locked before its person, as everywhere.
 * @returns the id of the person
 */
export async function invitedPerson(
  transaction: Transaction,
  invitation: ValuesOf<typeof invitations>,
  now: number,
): Promise<number> {
  const { organization_id: organizationId, email, first_name = '', last_name = '' } = invitation;
  const account = await accountOf(transaction, email!);
  const left = account && (await personOf(transaction, organizationId!, account.id));
  if (left) {
    await transaction.records(users).findForUpdate(account.id);
    await transaction.records(people).update(left, { invited_at: now });
    return left;
  }
  return transaction.records(people).insert({
    organization_id: organizationId!,
    is_user: false,
    email: email!,
    first_name,
    last_name,
    invited_at: now,
    created_at: now,
    two_factor_auth: false,
  });
}

/** The account with the address; null if there is none. */
export async function accountOf(reads: Reads, email: string): Promise<User | null> {
  return reads.records(users).findByIdentity('email', email);
}

async function personOf(reads: Reads, organizationId: number, userId: number): Promise<number | undefined> {
  const [found] = await reads.records(people).page(
    {
      filter: { all: [equals('user_id', userId), equals('organization_id', organizationId)] },
      sort: [{ attribute: 'id', descending: false }],
      fields: null,
      page: { by: 'number', number: 1, size: 1 },
    },
    null,
    null,
  );
  return found?.id;
}
