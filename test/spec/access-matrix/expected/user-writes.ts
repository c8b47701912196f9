// Requests that write users.

import { users as resource } from '../../../../src/resources/users/users.ts';
import { setMember } from '../../../support/members.ts';
import { type Account, defaultOf, isSysadmin, organizationNames } from '../accounts.ts';
import type { Writes } from '../writes.ts';
import { organizations } from './organizations.ts';

let copies = 0;

export const userWrites: Writes<Account> = {
  values: (matrix, user, label) => ({
    created_at: '2001-01-01T00:00:00.000+00:00',
    updated_at: '2001-01-01T00:00:00.000+00:00',
    email: `${label}@example.org`,
    first_name: `First ${label}`,
    last_name: `Last ${label}`,
    time_zone: 'Asia/Tokyo',
    avatar_url: `https://example.org/${label}`,
    default_organization_id: matrix.idOf(organizations, { name: 'globex' }),
    default_organization_slug: 'slug',
    intercom_hash: 'hash',
    flags: { [label]: true },
    newsletter_consent: user === null,
    newsletter_consent_at: '2001-01-01T00:00:00.000+00:00',
    ical_token: label,
    preferences: { label },
    sysadmin: user === null || !isSysadmin(user),
    sysadmin_permissions: user?.powers?.length || user?.wasSysadmin ? [] : ['manage_security'],
    two_factor_auth: true,
    sso_provision: true,
    account_access_expires_at: '2040-01-01T00:00:00.000+00:00',
    locale: 'hr_HR',
  }),
  // Naming an organization that is not the user's leaves the default as it was.
  kept: (user) =>
    defaultOf(user) === 'globex' || user.roles.globex === undefined ? ['default_organization_id'] : [],
  references: { default_organization_id: 'organizations' },
  follows: {
    newsletter_consent_at: 'newsletter_consent',
    default_organization_slug: 'default_organization_id',
  },
  generated: ['ical_token'],
  async copy({ app, idOf, headersOf }, asker, { powers, roles, ended }) {
    const copy = await app.createUser({
      email: `copy${++copies}@example.org`,
      ...(powers !== null && { sysadmin: powers }),
    });
    await app.store.write(async (transaction) => {
      for (const name of organizationNames) {
        const role = roles[name] ?? ended[name];
        if (role !== undefined)
          await setMember(transaction, idOf(organizations, { name }), copy.id, role, app.clock.now);
      }
    });
    return { id: copy.id, headers: headersOf(asker) };
  },
  undoCreation: async ({ app }, _asker, id) =>
    app.store.write(async ({ records }) => void (await records(resource).delete(id))),
};
