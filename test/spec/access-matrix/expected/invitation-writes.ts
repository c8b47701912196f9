// Requests that write invitations.

import { invitations as resource } from '../../../../src/resources/invitations/invitations.ts';
import { people as personResource } from '../../../../src/resources/people/people.ts';
import { columnsIn, removeMails, type Writes } from '../writes.ts';
import { type InvitationSubject, invitations } from './invitations.ts';

let copies = 0;

export const invitationWrites: Writes<InvitationSubject> = {
  values: (matrix, _invitation, label) => ({
    email: `${label}@example.com`,
    role: 'member',
    first_name: label,
    last_name: label,
    expires_at: '2040-01-01T00:00:00.000+00:00',
    token_expires_at: '2040-01-01T00:00:00.000+00:00',
    created_at: '2001-01-01T00:00:00.000+00:00',
    updated_at: '2001-01-01T00:00:00.000+00:00',
    organization_id: String(matrix.idOf({ type: 'organizations' }, { name: 'initech' })),
    inviter_id: '1',
    person_id: '1',
  }),
  references: {},
  follows: {},
  generated: [],
  async copy(matrix, asker, invitation) {
    const row = columnsIn(resource, matrix.rowOf(invitations, invitation));
    const email = `copy${++copies}@example.com`;
    const id = await matrix.app.store.write(({ records }) => records(resource).insert({ ...row, email }));
    return { id, headers: matrix.headersOf(asker) };
  },
  async undoCreation({ app }, _asker, id) {
    await app.store.write(async (transaction) => {
      const { records } = transaction;
      const { person_id } = (await records(resource).find(id))!;
      await records(personResource).delete(person_id);
      await removeMails(transaction);
    });
  },
};
