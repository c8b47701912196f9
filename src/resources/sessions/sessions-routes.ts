// The routes of sessions, except those that sign in.

import type { Input } from '../../jsonapi/described-route.ts';
import { managesSecurity } from '../../model/actor.ts';
import { deleteOperation } from '../operations/delete.ts';
import { listOperation } from '../operations/list.ts';
import type { ListMeta } from '../operations/list-scope.ts';
import { showOperation } from '../operations/show.ts';
import { updateOperation } from '../operations/update.ts';
import type { Route } from '../route.ts';
import { machineSessionCreation } from './create-machine-session.ts';
import { endOtherSignIns } from './end-other-sign-ins.ts';
import { sessionRules } from './session-rules.ts';
import { sessions } from './sessions.ts';
import { belongsTo, sessionsAccess } from './sessions-access.ts';

/** Properties of routes for one session. */
const ofSession = {
  parameters: { id: 'id' },
  target: { resource: sessions, parameter: 'id' },
} as const;

/** Properties of routes for the session that asks. */
const ofCaller = { path: '/api/v2/sessions/current', target: 'session' } as const;

const listMeta: ListMeta = {
  current: {
    schema: { type: 'string', description: 'The id of the session that asks.', examples: ['1'] },
    of: ({ actor }) => String(actor.sessionId),
  },
};

/** An attribute of sessions, as a request gives it. */
function given(name: 'name' | 'note' | 'read_only' | 'token_expires_at', example: unknown): Input {
  const { kind, description } = sessions.definition.attributes[name];
  return { name, description, schema: { ...kind.schema, examples: [example] } };
}

const machineInput: readonly Input[] = [
  { ...given('name', 'CI'), required: true },
  given('note', 'Reads the list of accounts.'),
  given('read_only', true),
  given('token_expires_at', '2036-03-17T04:04:00.843+00:00'),
  {
    name: 'organization_id',
    description:
      'An organization of the caller. The token acts as if each request named it in X-Organization-Id, and ends with the membership.',
    schema: { type: ['string', 'null'], pattern: '^[1-9][0-9]*$', examples: [null] },
  },
  {
    name: 'password',
    description: 'The password of the caller. Not needed by a sign-in that was made within ten minutes.',
    schema: { type: 'string', format: 'password', writeOnly: true, examples: ['password1234'] },
  },
];

export const sessionsRoutes: readonly Route[] = [
  {
    name: 'listSessions',
    method: 'GET',
    path: '/api/v2/sessions',
    auth: 'token',
    body: 'none',
    operation: listOperation(sessionsAccess, {
      meta: listMeta,
      byDefault: ({ actor }) => (managesSecurity(actor) ? belongsTo(actor.userId) : null),
    }),
    meta: listMeta,
    resource: sessions,
    policy:
      'All accounts, for their own sessions. Sysadmins with manage_security, for those of the accounts in filter[user_id].',
    description: 'Lists sessions that have not ended: sign-ins, and API tokens.',
    answers: 'collection',
  },
  {
    name: 'endOtherSignIns',
    method: 'DELETE',
    path: '/api/v2/sessions',
    auth: 'token',
    changesCaller: true,
    body: 'none',
    operation: endOtherSignIns,
    resource: sessions,
    policy: 'All accounts, except with a token that is bound to an organization.',
    description: "Ends the caller's sign-ins, except the one that asks. API tokens stay.",
    answers: 'nothing',
  },
  {
    name: 'createMachineSession',
    method: 'POST',
    path: '/api/v2/sessions/machine',
    auth: 'token',
    body: 'document',
    creation: machineSessionCreation,
    resource: sessions,
    policy:
      'All accounts, with the password or a sign-in that was made within ten minutes. Not with a token that is bound to an organization. At most 1,000 API tokens of one account.',
    description: 'Creates an API token. The response shows it once.',
    answers: 'created',
    input: { instead: machineInput },
  },
  {
    name: 'showSession',
    method: 'GET',
    path: '/api/v2/sessions/{id}',
    auth: 'token',
    ...ofSession,
    body: 'none',
    operation: showOperation(sessionsAccess),
    resource: sessions,
    policy: 'The account that it belongs to, and sysadmins with manage_security.',
    description: 'Shows a session.',
    answers: 'record',
  },
  {
    name: 'showCurrentSession',
    method: 'GET',
    auth: 'token',
    ...ofCaller,
    body: 'none',
    operation: showOperation(sessionsAccess),
    resource: sessions,
    policy: 'All accounts.',
    description: 'Shows the session of the token that asks.',
    answers: 'record',
  },
  {
    name: 'updateSession',
    method: 'PATCH',
    path: '/api/v2/sessions/{id}',
    auth: 'token',
    ...ofSession,
    body: 'document',
    operation: updateOperation(sessionRules),
    resource: sessions,
    policy: 'The account that it belongs to.',
    description: 'Updates the name and the note of a session.',
    answers: 'record',
  },
  {
    name: 'deleteSession',
    method: 'DELETE',
    path: '/api/v2/sessions/{id}',
    auth: 'token',
    ...ofSession,
    allowsReadOnlyTokens: true,
    body: 'none',
    operation: deleteOperation(sessionRules),
    resource: sessions,
    policy:
      'The account that it belongs to; with a token that only reads, its own session alone. Also sysadmins with manage_security, unless the account has a power that the caller lacks.',
    description: 'Ends a session: its token is not valid any more.',
    answers: 'nothing',
  },
  {
    name: 'deleteCurrentSession',
    method: 'DELETE',
    auth: 'token',
    ...ofCaller,
    allowsReadOnlyTokens: true,
    body: 'none',
    operation: deleteOperation(sessionRules),
    resource: sessions,
    policy: 'All accounts.',
    description: 'Ends the session of the token that asks: signs out.',
    answers: 'nothing',
  },
];
