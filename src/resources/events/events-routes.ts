// The routes of events. Nobody writes events over HTTP.

import { listOperation } from '../operations/list.ts';
import { showOperation } from '../operations/show.ts';
import type { Route } from '../route.ts';
import { events } from './events.ts';
import { eventsAccess } from './events-access.ts';

export const eventsRoutes: readonly Route[] = [
  {
    name: 'listEvents',
    method: 'GET',
    path: '/api/v2/events',
    auth: 'token',
    body: 'none',
    operation: listOperation(eventsAccess),
    resource: events,
    policy:
      'All accounts, for what they did and what was done to them; owners and admins, for their organizations; sysadmins with manage_security, for all.',
    description: 'Lists events of the audit trail, the oldest first.',
    answers: 'collection',
  },
  {
    name: 'showEvent',
    method: 'GET',
    path: '/api/v2/events/{id}',
    auth: 'token',
    parameters: { id: 'id' },
    target: { resource: events, parameter: 'id' },
    body: 'none',
    operation: showOperation(eventsAccess),
    resource: events,
    policy: 'Who sees the event in the list.',
    description: 'Shows an event.',
    answers: 'record',
  },
];
