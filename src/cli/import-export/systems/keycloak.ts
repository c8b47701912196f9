// Keycloak: the export of a realm with its users, and files of users beside it. The members that are in such a file:
// github.com/keycloak/keycloak, ExportUtils.java and UserRepresentation.java.

import type { Members, ReadAccount } from '../account-reader.ts';
import { type GivenMembership, readAccount } from './account.ts';
import { givenValues } from './given-values.ts';
import { isMembers, listOf, withoutEmpty } from './json-parts.ts';
import { withoutSecrets } from './secret-columns.ts';
import type { System } from './system.ts';

export const keycloak: System = {
  title: 'Keycloak',
  formats: ['json'],
  requires: { json: [['username', 'realm']] },
  paths: [['users']],
  reader({ now }) {
    /** By user name, which Keycloak keeps in lower case. */
    const memberships = new Map<string, GivenMembership[]>();
    return {
      survey(path, value) {
        // An element of a file of lines may be the realm.
        const given = path.length > 0 ? [value] : isMembers(value) ? listOf(value.organizations ?? []) : [];
        if (path.length > 0 && path.join() !== 'organizations') return false;
        const organizations = given.filter(isMembers);
        for (const organization of organizations) addMembers(memberships, organization);
        return organizations.length > 0;
      },
      object: (members) =>
        members.username === undefined && members.realm !== undefined
          ? { skipped: 'is the realm', isContext: members.organizations != null }
          : accountOf(members, memberships, now),
    };
  },
};

function addMembers(memberships: Map<string, GivenMembership[]>, organization: Members): void {
  const id = String(organization.id ?? organization.alias ?? organization.name);
  const membership = { organization_external_id: id, organization_name: String(organization.name ?? id) };
  for (const { username } of listOf(organization.members).filter(isMembers)) {
    const key = String(username).toLowerCase();
    const known = memberships.get(key);
    if (known === undefined) memberships.set(key, [membership]);
    else known.push(membership);
  }
}

/** Attributes of a user that have a place: the claims of OpenID Connect. */
const claims = ['locale', 'picture', 'zoneinfo'] as const;

function accountOf(
  user: Members,
  memberships: ReadonlyMap<string, readonly GivenMembership[]>,
  now: number,
): ReadAccount {
  const { serviceAccountClientId: client, credentials, attributes: given, ...others } = user;
  if (typeof client === 'string') return { skipped: `is the service account of the client ${client}` };
  const attributes = { ...(isMembers(given) && withoutSecrets(given)) };
  const ofAttributes = claims.flatMap((name) => {
    const [value] = listOf(attributes[name] ?? []);
    if (typeof value !== 'string') return [];
    delete attributes[name];
    return [[name, value]];
  });
  const values = givenValues({
    ...withoutEmpty(withoutSecrets({ ...others, attributes }, ['totp'])),
    ...Object.fromEntries(ofAttributes),
  });
  // Rights of the administrator who has exported the file.
  values.drop('access');
  if (user.totp === false) values.drop('totp');
  if (user.notBefore === 0) values.drop('notBefore');
  const isEnabled = values.flag('enabled') !== false;
  const username = values.text('username');
  return readAccount({
    source: 'keycloak',
    externalId: values.text('id'),
    email: values.text('email'),
    emailVerified: values.flag('emailVerified'),
    names: {
      given: values.text('firstName'),
      family: values.text('lastName'),
      userName: username,
    },
    ...passwordOf(listOf(credentials ?? []).filter(isMembers)),
    createdAt: values.time('createdTimestamp'),
    lockedAt: isEnabled ? null : new Date(now).toISOString(),
    memberships: memberships.get(username?.toLowerCase() ?? '') ?? [],
    ...(isAdministrator(user) && { organizationRole: 'admin' }),
    optional: { locale: 'locale', avatar_url: 'picture', time_zone: 'zoneinfo' },
    values,
    details: { ...(username !== null && { username }), ...(!isEnabled && { enabled: false }) },
  });
}

/** One-time passwords, passkeys and recovery codes are left out. */
function passwordOf(credentials: readonly Members[]) {
  const credential = credentials.find(({ type }) => type === 'password');
  if (credential === undefined) return {};
  const { secretData, credentialData, value } = credential;
  // A file that somebody has written by hand.
  if (typeof value === 'string') return { password: value };
  if (secretData !== undefined) return { passwordHash: JSON.stringify({ secretData, credentialData }) };
  // Before Keycloak 8.
  const { hashedSaltedValue, salt, hashIterations, algorithm } = credential;
  if (hashedSaltedValue === undefined) return {};
  return {
    passwordHash: JSON.stringify({
      secretData: { value: hashedSaltedValue, salt },
      credentialData: { hashIterations, algorithm },
    }),
  };
}

function isAdministrator({ realmRoles, clientRoles }: Members): boolean {
  const ofRealm = isMembers(clientRoles) ? listOf(clientRoles['realm-management'] ?? []) : [];
  return listOf(realmRoles ?? []).includes('admin') || ofRealm.includes('realm-admin');
}
