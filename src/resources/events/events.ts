// The audit trail as a resource: who did what, when, to which record, and what changed. Nobody writes events: they are
// recorded in the transaction of the act, see ../../model/audit-event.ts.

import * as kind from '../../model/kinds.ts';
import { defineResource, type RecordOf } from '../../model/resource.ts';

/** The origin of a request. */
const authorOrSecurity = ['author', 'security'] as const;

export const events = defineResource({
  type: 'events',
  singular: 'event',
  audiences: {
    author: 'the account that acted',
    security: 'sysadmins with `manage_security`',
  },
  audiencesBy: ['actor_id'],
  isAppended: true,
  search: [],
  attributes: {
    created_at: {
      kind: kind.timestamp,
      read: 'everyone',
      filter: true,
      growsWithId: true,
      description: 'Time of the act, by the clock of the database.',
    },
    action: {
      kind: kind.text,
      read: 'everyone',
      filter: true,
      example: 'user.update',
      description: 'What was done: the kind of record and a verb, for example `session.create`.',
    },
    outcome: {
      kind: kind.oneOf(['failure', 'success']),
      read: 'everyone',
      filter: true,
      description: '`success`, or `failure` of an attempt such as a sign-in with a wrong password.',
    },
    actor_kind: {
      kind: kind.oneOf(['system', 'operator', 'token', 'user']),
      read: 'everyone',
      description:
        'Who acted: `user` (a sign-in), `token` (an API token), `operator` (the command line) or `system` (the service itself).',
    },
    ip: {
      kind: kind.text,
      nullable: true,
      read: authorOrSecurity,
      filter: true,
      example: '192.0.2.17',
      description: 'Address from which the request came; null if there was no request.',
    },
    user_agent: {
      kind: kind.text,
      nullable: true,
      read: authorOrSecurity,
      example: 'curl/8.5.0',
      description: 'User-Agent of the request, at most 500 characters.',
    },
    request_id: {
      kind: kind.text,
      nullable: true,
      read: 'everyone',
      example: '2f1c8a4e',
      description: 'X-Request-Id of the request, as in the log.',
    },
    changes: {
      kind: kind.recordedChanges,
      read: 'everyone',
      description:
        'The attributes that changed, with their values before and after. Passwords, other secrets and preferences show only that they changed: `{"attribute": "password", "from": "changed", "to": "changed"}`.',
    },
    details: {
      kind: kind.recordedDetails,
      example: { record: { type: 'users', id: '74' } },
      read: 'everyone',
      description: 'The record, by type and id, and what else belongs to the act.',
    },
    actor_id: {
      kind: kind.identifier,
      nullable: true,
      hidden: true,
      read: 'everyone',
      filter: true,
      description: 'The account that acted; empty for the command line and the service itself.',
    },
    subject_id: {
      kind: kind.identifier,
      nullable: true,
      hidden: true,
      read: 'everyone',
      filter: true,
      description: 'The account that the act concerns.',
    },
    organization_id: {
      kind: kind.identifier,
      nullable: true,
      hidden: true,
      read: 'everyone',
      filter: true,
      description: 'The organization that the act concerns.',
    },
  },
  relationships: {
    actor: { to: 'users', linked: true, description: 'The account that acted, also after it was deleted.' },
    subject: {
      to: 'users',
      linked: true,
      description: 'The account that the act concerns, also after it was deleted.',
    },
    organization: {
      to: 'organizations',
      linked: true,
      description: 'The organization, for acts on one and on its memberships.',
    },
  },
});

export type Event = RecordOf<typeof events>;
