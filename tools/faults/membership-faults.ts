// Faults in memberships: who changes them, the last owner, what joining and leaving bring, and the locks.

import type { Fault } from '../faults.ts';

const folder = 'test/spec/memberships';
const roles = [`${folder}/roles.test.ts`];
const creating = [`${folder}/creating.test.ts`];
const lastOwner = [`${folder}/last-owner.test.ts`];
const following = [`${folder}/joining-and-leaving.test.ts`];
const listing = [`${folder}/listing.test.ts`];
const races = [`${folder}/races.test.ts`];
const rules = 'src/resources/memberships/membership-rules.ts';

export const membershipFaults: readonly Fault[] = [
  {
    name: 'an admin changes owners and other admins',
    file: rules,
    find: "(current.role === 'member' ? administrator : 0)",
    replace: 'administrator',
    tests: roles,
  },
  {
    name: 'an admin makes a member an owner',
    file: rules,
    find: "if (role === 'member' || (audience & (owner | manager)) !== 0) return [];",
    replace: "if (role === 'member' || (audience & administrator) !== 0) return [];",
    tests: roles,
  },
  {
    name: 'a member changes their own membership as if leaving',
    file: rules,
    find: "(action === 'delete' ? self : 0)",
    replace: 'self',
    tests: roles,
  },
  {
    name: 'nobody but those who manage members may leave',
    file: rules,
    find: "(action === 'delete' ? self : 0)",
    replace: '0',
    tests: roles,
  },
  {
    name: 'an owner adds members without their consent',
    file: rules,
    find: '    if (!managesOrganizations(actor)) throw',
    replace: '    if (actor.userId === null) throw',
    tests: creating,
  },
  {
    name: 'the last owner is removed',
    file: rules,
    find: '  requireDeletable: requireNotLastOwner,\n',
    replace: '',
    tests: lastOwner,
  },
  {
    name: 'an owner whose account has an end counts',
    file: 'src/store/accounts/memberships.ts',
    find: "        .where('users.account_access_expires_at', 'is', null)\n",
    replace: '',
    tests: lastOwner,
  },
  {
    name: 'the last owner may get an end',
    file: 'src/resources/memberships/last-owner.ts',
    find: "typeof at === 'number'",
    replace: "typeof at === 'string'",
    tests: lastOwner,
  },
  {
    name: 'leaving leaves the default organization as it is',
    file: 'src/resources/memberships/follow-membership.ts',
    find: 'if (!opens) await moveDefaults',
    replace: 'if (!opens && after !== null) await moveDefaults',
    tests: following,
  },
  {
    name: 'who leaves gets the organization as the default again',
    file: 'src/resources/users/default-organization.ts',
    find: 'await replaceDefaults(transaction, author, losing, now, organizationId);',
    replace: 'await replaceDefaults(transaction, author, losing, now);',
    tests: following,
  },
  {
    name: 'the person of a member who leaves has no time of it by the clock of the service',
    file: 'src/resources/memberships/follow-membership.ts',
    find: '{ deactivated_at: now }',
    replace: '{ deactivated_at: now + 1 }',
    tests: following,
  },
  {
    name: 'audit events of memberships name no organization',
    file: 'src/resources/memberships/memberships.ts',
    find: "  recordedUnder: 'organization_id',\n",
    replace: '',
    tests: following,
  },
  {
    name: 'the own list contains what the caller manages',
    file: 'src/resources/memberships/memberships-routes.ts',
    find: 'listOperation(membershipsAccess, { visible: visibleOwn })',
    replace: 'listOperation({ ...membershipsAccess, ...(visibleOwn && {}) })',
    tests: listing,
  },
  {
    name: 'a plain member lists all members of an organization',
    file: 'src/resources/memberships/memberships-routes.ts',
    find: 'if (!sysadmin && (audience & administratorOfOrganization) === 0) throw',
    replace: 'if (!sysadmin && (audience & administratorOfOrganization) === -1) throw',
    tests: listing,
  },
  {
    name: 'X-Organization-Id hides the accounts that could join',
    file: 'src/resources/memberships/memberships.ts',
    find: ' givenAnywhere: true,',
    replace: '',
    tests: creating,
  },
  {
    name: 'changes of the members of one organization do not wait for each other',
    file: 'src/store/accounts/locks.ts',
    find: '...organizations.map(lockOrganization)',
    replace: '...organizations.slice(0, 0).map(lockOrganization)',
    tests: races,
    engine: 'postgres',
  },
  {
    name: 'accounts are locked after that of the caller, whatever their ids',
    file: 'src/store/accounts/locks.ts',
    find: 'callerId === null || id <= callerId',
    replace: 'callerId === null || id === -callerId',
    tests: races,
    engine: 'postgres',
  },
];
