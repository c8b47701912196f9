// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in organizations: their rules, the job that follows their renames, and the triggers of their table.

import type { Fault } from '../faults.ts';

const folder = 'test/spec/organizations';
const access = [`${folder}/access.test.ts`];
const creating = [`${folder}/creating.test.ts`];
const deleting = [`${folder}/deleting.test.ts`];
const renaming = [`${folder}/renaming.test.ts`];
const migration = 'src/store/migrations/0011-organizations.ts';

export const organizationFaults: readonly Fault[] = [
  {
    name: 'the join secret is the one that the client sends',
    file: 'src/resources/organizations/organization-rules.ts',
    find: "typeof wanted.invitation_token === 'string' &&",
    replace: 'false &&',
    tests: access,
  },
  {
    name: 'every member reads the join secret',
    file: 'src/resources/organizations/organizations.ts',
    find: 'read: administratorOrManager,\n      notIncluded: true,',
    replace: "read: 'everyone',\n      notIncluded: true,",
    tests: access,
  },
  {
    name: 'a subdomain is taken in upper case',
    file: migration,
    find: "  'CREATE UNIQUE INDEX organizations_subdomain_key ON organizations (subdomain_key)',\n  'CREATE INDEX organizations_versions ON organizations (id, revision)',\n  ...['name_key', 'created_at', 'updated_at', 'creator_id'].map(\n    (name) => `CREATE INDEX organizations_${name} ON organizations (${name})`,",
    replace:
      "  'CREATE UNIQUE INDEX organizations_subdomain_key ON organizations (subdomain)',\n  'CREATE INDEX organizations_versions ON organizations (id, revision)',\n  ...['name_key', 'created_at', 'updated_at', 'creator_id'].map(\n    (name) => `CREATE INDEX organizations_${name} ON organizations (${name})`,",
    tests: access,
    engine: 'sqlite',
  },
  {
    name: 'an account may create one organization more than the limit',
    file: 'src/resources/organizations/organization-rules.ts',
    find: '>= maxOwnOrganizations',
    replace: '> maxOwnOrganizations',
    tests: creating,
  },
  {
    name: 'an organization does not keep who created it, so the limit counts none',
    file: 'src/resources/organizations/organization-rules.ts',
    find: 'creator_id: actor.userId',
    replace: 'creator_id: null',
    tests: creating,
  },
  {
    name: 'the limit also counts for those who manage all organizations',
    file: 'src/resources/organizations/organization-rules.ts',
    find: '  if (current === null && actor.userId !== null && !managesOrganizations(actor))',
    replace: '  if (current === null && actor.userId !== null)',
    tests: creating,
  },
  {
    name: 'two requests of one account are counted at the same time, and both fit the limit',
    file: 'src/resources/organizations/organizations-routes.ts',
    find: "    path: '/api/v2/organizations',\n    auth: 'token',\n    changesCaller: true,\n",
    replace: "    path: '/api/v2/organizations',\n    auth: 'token',\n",
    tests: creating,
    engine: 'postgres',
  },
  {
    name: 'the creator of an organization is a plain member of it',
    file: 'src/resources/organizations/organization-rules.ts',
    find: "role: 'owner' } as const;",
    replace: "role: 'member' } as const;",
    tests: creating,
  },
  {
    name: 'users go on showing the old name',
    file: 'src/resources/organizations/organization-rules.ts',
    find: '    ...(current !== null && wanted.name !== undefined && { slug: organizationSlug(current.id, wanted.name) }),\n',
    replace: '',
    tests: renaming,
  },
  {
    name: 'a slug leaves out letters beyond ASCII',
    file: 'src/resources/organizations/organizations.ts',
    find: '/[\\p{L}\\p{N}]+/gu',
    replace: '/[a-z0-9]+/g',
    tests: renaming,
  },
  {
    name: 'updated_at follows a new name for the first batch of users alone',
    file: 'src/resources/organizations/follow-renames.ts',
    find: 'found.length <= maxUsers',
    replace: 'found.length > 0',
    tests: renaming,
  },
  {
    name: 'the next run repeats the first batch of users',
    file: 'src/resources/organizations/follow-renames.ts',
    find: 'isLast ? null : ids.at(-1)!',
    replace: 'isLast ? null : 0',
    tests: renaming,
  },
  {
    name: 'a rename does not stop when the service stops',
    file: 'src/resources/organizations/follow-renames.ts',
    find: 'done === null || signal.aborted',
    replace: 'done === null',
    tests: renaming,
  },
  {
    name: 'users whom the last name has reached do not get the next one',
    file: migration,
    find: 'DO UPDATE SET last_user_id = 0;\n  END`',
    replace: 'DO NOTHING;\n  END`',
    tests: renaming,
    engine: 'sqlite',
  },
  {
    name: 'users whom the last name has reached do not get the next one, on a server',
    file: migration,
    find: 'DO UPDATE SET last_user_id = 0;\n      RETURN NULL;',
    replace: 'DO NOTHING;\n      RETURN NULL;',
    tests: renaming,
    engine: 'postgres',
  },
  {
    name: 'the index of texts keeps the old name',
    file: migration,
    find: 'WHEN old.name_key <> new.name_key\n',
    replace: 'WHEN false\n',
    tests: renaming,
    engine: 'sqlite',
  },
  {
    name: 'a new name is not a new version of the list',
    file: migration,
    find: 'AFTER UPDATE ON organizations BEGIN\n    UPDATE collections SET version = version + 1 WHERE',
    replace: 'AFTER UPDATE ON organizations BEGIN\n    UPDATE collections SET version = version + 0 WHERE',
    tests: renaming,
    engine: 'sqlite',
  },
  {
    name: 'an organization that the version before creates has no folded name',
    file: migration,
    find: "      IF new.name_key = '' THEN",
    replace: "      IF new.name_key = ' ' THEN",
    tests: ['test/store/organizations-upgrade.test.ts'],
    engine: 'postgres',
  },
  {
    name: 'all members are removed in the transaction that deletes the organization',
    file: 'src/resources/organizations/organization-rules.ts',
    find: '  emptyFirst: removeMostMembers,\n',
    replace: '',
    tests: deleting,
  },
  {
    name: 'a deletion that stops halfway leaves an organization without owners',
    file: 'src/resources/organizations/remove-members.ts',
    find: "['admin', 'member'], after",
    replace: 'roles, after',
    tests: deleting,
  },
  {
    name: 'a deletion goes on after the caller has lost the right to it',
    file: 'src/resources/organizations/remove-members.ts',
    find: 'await requireMay(transaction);\n        return work',
    replace: 'return work',
    tests: deleting,
  },
  {
    name: 'a deletion first ends the membership by which its caller sees the user',
    file: 'src/resources/users/remove-most-of-user.ts',
    find: '[user?.default_organization_id, author.organizationId]',
    replace: '[user?.default_organization_id]',
    tests: ['test/spec/users/deleting-users.test.ts'],
  },
  {
    name: 'a user whose deletion stops halfway has left the default organization',
    file: 'src/resources/users/remove-most-of-user.ts',
    find: '[user?.default_organization_id, author.organizationId]',
    replace: '[author.organizationId]',
    tests: ['test/spec/users/deleting-users.test.ts'],
  },
  {
    name: 'the deletion of a user goes on after the caller has lost the right to it',
    file: 'src/resources/users/remove-most-of-user.ts',
    find: 'await requireMay(transaction);\n          return removeFirst',
    replace: 'return removeFirst',
    tests: ['test/spec/users/deleting-users.test.ts'],
  },
  {
    name: 'the event of a deleted user does not count the sessions that ended in batches',
    file: 'src/resources/users/user-rules.ts',
    find: 'endedBefore + ',
    replace: '0 * endedBefore + ',
    tests: ['test/spec/users/deleting-users.test.ts'],
  },
  {
    name: 'a sysadmin may name an organization that does not exist',
    file: 'src/resources/organizations/require-organization.ts',
    find: "    if (organization === null) throw new ApiError('access_denied');\n",
    replace: '    void organization;\n',
    tests: ['test/spec/users/visibility.test.ts', 'test/spec/access-matrix/refusing.test.ts'],
  },
  {
    name: 'X-Organization-Id does not narrow the list of organizations',
    file: 'src/resources/organizations/organizations-access.ts',
    find: '      if (organizationId !== null) return hasId(organizationId);\n',
    replace: '',
    tests: ['test/spec/access-matrix/finding.test.ts', 'test/spec/access-matrix/reading.test.ts'],
  },
];
