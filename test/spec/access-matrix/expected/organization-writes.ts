// Requests that write organizations.

import { insertOrganization } from '../../../../src/resources/organizations/insert-organization.ts';
import { organizations as resource } from '../../../../src/resources/organizations/organizations.ts';
import { users as userResource } from '../../../../src/resources/users/users.ts';
import { removeMember, setMember } from '../../../support/members.ts';
import type { Writes } from '../writes.ts';
import type { OrganizationSubject } from './organizations.ts';
import { users } from './users.ts';

export const organizationWrites: Writes<OrganizationSubject> = {
  values: (_matrix, _organization, label) => ({
    name: `Name ${label}`,
    created_at: '2001-01-01T00:00:00.000+00:00',
    updated_at: '2001-01-01T00:00:00.000+00:00',
    subdomain: `subdomain-${label}`,
    invitation_token: label,
    flags: { [label]: true },
    time_zone: 'Asia/Tokyo',
    avatar_url: `https://example.org/${label}`,
    locale: 'hr_HR',
    single_sign_on: true,
    force_two_factor_auth: true,
    force_single_sign_on: true,
    slug: 'slug',
    creator_id: '1',
  }),
  references: {},
  follows: { slug: 'name' },
  generated: ['invitation_token'],
  async copy({ app, idOf, headersOf }, asker, { name }) {
    const { account, header } = asker;
    const id = await app.store.write(async (transaction) => {
      const copied = await insertOrganization(transaction, { name: 'Copy' }, app.clock.now);
      const role = account.roles[name];
      if (role !== undefined) await setMember(transaction, copied, idOf(users, account), role, app.clock.now);
      return copied;
    });
    return { id, headers: header === name ? { 'X-Organization-Id': String(id) } : headersOf(asker) };
  },
  // The creator became a member, maybe of the first organization of theirs.
  undoCreation: async ({ app, idOf, rowOf }, { account }, id) =>
    app.store.write(async (transaction) => {
      const { records } = transaction;
      const creator = idOf(users, account);
      const { default_organization_id } = rowOf(users, account) as { default_organization_id: number | null };
      await removeMember(transaction, id, creator);
      await records(userResource).update(creator, { default_organization_id });
      await records(resource).delete(id);
    }),
};
