// Routes of forms that the catalog does not have yet, one of each form.

import { readDocument } from '../../src/jsonapi/read-document.ts';
import type { Call, OpenCall, Reply } from '../../src/resources/operation.ts';
import type { Route } from '../../src/resources/route.ts';
import { users } from '../../src/resources/users/users.ts';

const described = { resource: users, policy: 'For tests alone.' };

/** A document that contains the input of the operation. */
function told(content: Readonly<Record<string, unknown>>): Reply {
  return { status: 200, body: JSON.stringify({ data: null, meta: content }) };
}

const toldOfPath = ({ ids, tokens, clientAddress }: OpenCall) => ({ ids, tokens, address: clientAddress() });

const pathOfNote = '/api/v2/users/{id}/notes/{note_id}';
const noteParameters = { id: 'id', note_id: 'id' } as const;
const ofUser = { resource: users, parameter: 'id' } as const;

/** Calendar data, and bytes that are not UTF-8. */
export const calendar = Buffer.concat([Buffer.from('BEGIN:VCALENDAR\r\n'), Buffer.from([0xff, 0, 0xfe])]);
const calendarTag = '"calendar-1"';

const failure = (token: string) => new Error(`cannot use ${token}`);

export const linkRoutes: readonly Route[] = [
  {
    ...described,
    name: 'putNote',
    description: 'Puts a note.',
    method: 'PUT',
    path: pathOfNote,
    auth: 'token',
    parameters: noteParameters,
    target: ofUser,
    body: 'document',
    answers: 'record',
    async operation(_services, call) {
      const attributes = readDocument(call.body, { type: users.type, id: call.id });
      return told({ ...toldOfPath(call), target: call.target, attributes });
    },
  },
  {
    ...described,
    name: 'showNote',
    description: 'Shows a note.',
    method: 'GET',
    path: pathOfNote,
    auth: 'token',
    parameters: noteParameters,
    target: { resource: users, parameter: 'note_id' },
    body: 'none',
    answers: 'record',
    operation: (_services, call: Call) => told({ ...toldOfPath(call), id: call.id, target: call.target }),
  },
  {
    ...described,
    name: 'mailNotes',
    description: 'Mails notes.',
    method: 'POST',
    path: '/api/v2/notes/mail',
    auth: 'token',
    limits: [{ by: 'account', requests: 2, windowSeconds: 3600 }],
    body: 'none',
    answers: 'nothing',
    operation: async (_services, { body }) => ({ status: body === null ? 204 : 200, body: null }),
  },
  {
    ...described,
    name: 'showLink',
    description: 'Shows what a link is for.',
    method: 'GET',
    path: '/api/v2/links/{token}',
    auth: 'none',
    parameters: { token: 'token' },
    limits: [{ by: 'address', requests: 3, windowSeconds: 3600 }],
    body: 'none',
    answers: 'record',
    operation: (_services, call) => told(toldOfPath(call)),
  },
  {
    ...described,
    name: 'useLink',
    description: 'Uses a link.',
    method: 'PUT',
    path: '/api/v2/links/{token}',
    auth: 'none',
    parameters: { token: 'token' },
    limits: [],
    body: 'document',
    answers: 'nothing',
    async operation(_services, call) {
      const { token } = call.tokens;
      if (token!.startsWith('broken')) throw failure(token!);
      readDocument(call.body, { type: users.type, id: null });
      await call.write(({ secrets }) => secrets.keep('link', token!));
      return { status: 204, body: null };
    },
  },
  {
    ...described,
    name: 'followLink',
    description: 'Follows a link, also while signed in.',
    method: 'POST',
    path: '/api/v2/links/{token}/followers',
    auth: 'optional',
    parameters: { token: 'token' },
    limits: [{ by: 'address', requests: 20, windowSeconds: 3600 }],
    body: 'document',
    answers: 'nothing',
    async operation(_services, call) {
      const follower = String(call.actor?.userId ?? 'nobody');
      await call.write(({ secrets }) => secrets.keep(`follower of ${call.tokens.token}`, follower));
      return { status: 204, body: null };
    },
  },
  {
    ...described,
    name: 'showCalendar',
    description: 'Shows a calendar.',
    method: 'GET',
    path: '/api/v2/calendars/{token}.ics',
    auth: 'none',
    parameters: { token: 'token' },
    limits: [],
    body: 'none',
    answers: { mediaType: 'text/calendar' },
    operation(_services, call) {
      const headers = { 'cache-control': 'private, max-age=60', 'content-disposition': 'inline' };
      if (call.precondition(calendarTag) === 'unchanged')
        return { status: 304, body: null, etag: calendarTag, headers };
      return { status: 200, body: calendar, etag: calendarTag, mediaType: 'text/calendar', headers };
    },
  },
];
