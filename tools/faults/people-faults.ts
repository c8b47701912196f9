// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in people: who reads what of them, and the triggers that keep their copies.

import type { Fault } from '../faults.ts';

const folder = 'test/spec/people';
const reading = [`${folder}/reading.test.ts`];
const finding = [`${folder}/finding.test.ts`];
const life = [`${folder}/life.test.ts`];
const underLocks = ['test/store/people-under-locks.test.ts'];
const access = 'src/resources/people/people-access.ts';
const peopleMigration = 'src/store/migrations/0013-people.ts';
const membershipsMigration = 'src/store/migrations/0014-organization-memberships.ts';

export const peopleFaults: readonly Fault[] = [
  {
    name: 'a plain member reads when others were last active',
    file: access,
    find: 'isAdministrator(roles[facts?.organization_id as number]) ? administrator : 0',
    replace: 'roles[facts?.organization_id as number] ? administrator : 0',
    tests: reading,
  },
  {
    name: 'an admin of one organization sorts the people of all by their last activity',
    file: access,
    find: 'counted.every(isAdministrator)',
    replace: 'counted.some(isAdministrator)',
    tests: finding,
  },
  {
    name: 'X-Organization-Id does not count for the sort by last activity',
    file: access,
    find: 'Object.values(rolesWithin(roles, organizationId))',
    replace: 'Object.values(roles)',
    tests: finding,
  },
  {
    name: 'members who see each other also see those who have left',
    file: access,
    find: "equals('deactivated_at', null), ",
    replace: '',
    tests: reading,
  },
  {
    name: 'a new avatar of an account is not copied to its people',
    file: peopleMigration,
    find: "  ['avatar_url'],\n",
    replace: '',
    tests: life,
  },
  {
    name: 'a new name of an account leaves the tags of its people as they were',
    file: peopleMigration,
    find: 'UPDATE people SET revision = revision + 1, ${set(columns)}',
    replace: 'UPDATE people SET ${set(columns)}',
    tests: life,
    engine: 'sqlite',
  },
  {
    name: 'a PATCH that changes nothing shown writes the people too',
    file: peopleMigration,
    find: 'AFTER UPDATE OF ${copied.join()} ON users\n    FOR EACH ROW WHEN (${changed(copied)}) EXECUTE',
    replace: 'AFTER UPDATE ON users\n    FOR EACH ROW EXECUTE',
    tests: life,
    engine: 'postgres',
  },
  {
    name: 'the old name stays in the search index of people',
    file: peopleMigration,
    find: '    WHEN old.first_name_key <> new.first_name_key OR old.last_name_key <> new.last_name_key\n      OR old.email_key <> new.email_key',
    replace: '    WHEN old.last_name_key <> new.last_name_key\n      OR old.email_key <> new.email_key',
    tests: [`${folder}/never-stale.test.ts`],
    engine: 'sqlite',
  },
  {
    name: 'who comes back still counts as having left',
    file: membershipsMigration,
    find: 'revision = people.revision + 1, deactivated_at = NULL,',
    replace: 'revision = people.revision + 1,',
    tests: life,
  },
  {
    name: 'a person that has left keeps its role',
    file: membershipsMigration,
    find: '  SET revision = revision + 1, role = NULL, access_expires_at = NULL,',
    replace: '  SET revision = revision + 1, access_expires_at = NULL,',
    tests: life,
  },
  {
    name: 'a new role is not copied to the person',
    file: membershipsMigration,
    find: '  SET revision = revision + 1, role = new.role, access_expires_at = new.expires_at',
    replace: '  SET revision = revision + 1, access_expires_at = new.expires_at',
    tests: life,
  },
  {
    name: 'who joins while the account is renamed keeps the old name',
    file: membershipsMigration,
    find: 'WHERE id = joined.user_id FOR UPDATE) AS users`',
    replace: 'WHERE id = joined.user_id) AS users`',
    tests: underLocks,
    engine: 'postgres',
  },
  {
    name: 'a change of a role locks the person before the account',
    file: membershipsMigration,
    find: "      ${lockedAccount('new')};\n",
    replace: '',
    tests: underLocks,
    engine: 'postgres',
  },
  {
    name: 'leaving locks the person before the account',
    file: membershipsMigration,
    find: "      ${lockedAccount('old')};\n",
    replace: '',
    tests: underLocks,
    engine: 'postgres',
  },
  {
    name: 'the person of each new member is looked for among all people of the organization',
    file: membershipsMigration,
    find: 'organization_id + 0 = new.organization_id',
    replace: 'organization_id = new.organization_id',
    tests: ['test/store/people-of-imports.test.ts'],
    engine: 'postgres',
  },
];
