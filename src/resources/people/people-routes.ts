// The routes of people. Nobody writes people: they follow users and memberships.

import { listOperation } from '../operations/list.ts';
import { showOperation } from '../operations/show.ts';
import type { Route } from '../route.ts';
import { people } from './people.ts';
import { peopleAccess } from './people-access.ts';

export const peopleRoutes: readonly Route[] = [
  {
    name: 'listPeople',
    method: 'GET',
    path: '/api/v2/people',
    auth: 'token',
    body: 'none',
    operation: listOperation(peopleAccess),
    resource: people,
    policy:
      'All accounts, for themselves; owners and admins, for the people of their organizations; sysadmins, for all. MUSTER_MEMBERS_SEE_EACH_OTHER shows members also the other members.',
    description: 'Lists people, in all organizations in which the caller sees any.',
    answers: 'collection',
  },
  {
    name: 'showPerson',
    method: 'GET',
    path: '/api/v2/people/{id}',
    auth: 'token',
    parameters: { id: 'id' },
    target: { resource: people, parameter: 'id' },
    body: 'none',
    operation: showOperation(peopleAccess),
    resource: people,
    policy: 'Who sees the person in the list.',
    description: 'Shows a person.',
    answers: 'record',
  },
];
