// All resources of the product, by their access. A store is opened with this list.

import type { Resource } from '../model/resource.ts';
import type { Access } from './access.ts';
import { eventsAccess } from './events/events-access.ts';
import { invitationsAccess } from './invitations/invitations-access.ts';
import { membershipsAccess } from './memberships/memberships-access.ts';
import { organizationsAccess } from './organizations/organizations-access.ts';
import { peopleAccess } from './people/people-access.ts';
import { sessionsAccess } from './sessions/sessions-access.ts';
import { usersAccess } from './users/users-access.ts';

export const accesses: readonly Access[] = [
  usersAccess,
  organizationsAccess,
  membershipsAccess,
  peopleAccess,
  invitationsAccess,
  sessionsAccess,
  eventsAccess,
];

export const resources: readonly Resource[] = accesses.map(({ resource }) => resource);
