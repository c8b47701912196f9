// Requests that write memberships.

import { memberships as resource } from '../../../../src/resources/memberships/memberships.ts';
import { insertOrganization } from '../../../../src/resources/organizations/insert-organization.ts';
import { organizations as organizationResource } from '../../../../src/resources/organizations/organizations.ts';
import { people as personResource } from '../../../../src/resources/people/people.ts';
import { users as userResource } from '../../../../src/resources/users/users.ts';
import { removeMember, setMember } from '../../../support/members.ts';
import type { Asker } from '../expectation.ts';
import type { Matrix } from '../start-matrix.ts';
import type { Writes } from '../writes.ts';
import { type MembershipSubject, memberships } from './memberships.ts';
import { users } from './users.ts';

/** Who becomes a member of which organization. */
const joining = { user: 'nobody', organization: 'initech' };

export const membershipWrites: Writes<MembershipSubject> = {
  values(matrix, membership, _label, asker) {
    const isAboveTheirOwn = membership !== null && !memberships.is(asker, membership).includes('superior');
    return {
      created_at: '2001-01-01T00:00:00.000+00:00',
      updated_at: '2001-01-01T00:00:00.000+00:00',
      // An admin may not give this role: that is an error and not ignored.
      ...(!isAboveTheirOwn && { role: membership?.role === 'admin' ? 'member' : 'admin' }),
      expires_at: '2040-01-01T00:00:00.000+00:00',
      organization_id: String(matrix.idOf({ type: 'organizations' }, { name: joining.organization })),
      user_id: String(matrix.idOf(users, { name: joining.user })),
      person_id: '1',
    };
  },
  // X-Organization-Id hides the user who is to join, as everyone who is no member.
  cannotCreate: ({ header }) => header !== null,
  references: { organization_id: 'organizations', user_id: 'users', person_id: 'people' },
  follows: {},
  generated: [],
  async copy(matrix, asker, membership) {
    const { app } = matrix;
    const isOwn = membership.account === asker.account;
    const holder = isOwn ? { id: matrix.idOf(users, asker.account) } : await app.createUser();
    const role = asker.account.roles[membership.organization];
    const { organizationId, id } = await app.store.write(async (transaction) => {
      const organizationId = await insertOrganization(transaction, { name: 'Copy' }, app.clock.now);
      const join = (userId: number, as: typeof membership.role) =>
        setMember(transaction, organizationId, userId, as, app.clock.now);
      // Not the last owner.
      await join(matrix.idOf(users, { name: 'fellow' }), 'owner');
      if (role !== undefined) await join(matrix.idOf(users, asker.account), role);
      await join(holder.id, membership.role);
      return { organizationId, id: (await transaction.memberships.idOf(organizationId, holder.id))! };
    });
    return {
      id,
      headers:
        asker.header === membership.organization
          ? { 'X-Organization-Id': String(organizationId) }
          : matrix.headersOf(asker),
      undo: () => removeOrganization(matrix, organizationId, isOwn ? null : holder.id),
    };
  },
  async undoCreation({ app, idOf }: Matrix, _asker: Asker, id: number) {
    await app.store.write(async (transaction) => {
      const { organization_id, user_id, person_id } = (await transaction.records(resource).find(id))!;
      await removeMember(transaction, organization_id, user_id, app.clock.now);
      await transaction.records(personResource).delete(person_id);
      const user = idOf(users, { name: joining.user });
      await transaction.records(userResource).update(user, { default_organization_id: null });
    });
  },
};

async function removeOrganization({ app }: Matrix, id: number, userId: number | null): Promise<void> {
  await app.store.write(async (transaction) => {
    if (userId !== null) await transaction.records(userResource).delete(userId);
    await transaction.records(organizationResource).delete(id);
  });
}
