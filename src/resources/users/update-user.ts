// PATCH /users/{id}: partial, and all of it or nothing.

import { ApiError } from '../../errors.ts';
import { readAttributes, readDocument } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import type { Call, Reply, Services } from '../call.ts';
import { userReply } from './read-users.ts';
import { decideUpdate, emailTaken } from './user-changes.ts';
import { users } from './users.ts';
import { relationsTo, requireMayChange, requireVisible } from './users-access.ts';

export async function updateUser(services: Services, call: Call): Promise<Reply> {
  const { store, documents, clock, zone } = services;
  const { id } = await requireVisible(services, call);
  requireMayChange(call.actor, id);
  const fields = readRecordQuery(call.query, users);
  const relations = relationsTo(call.actor, id);
  const attributes = readDocument(call.body, { type: users.type, id });
  const requested = readAttributes(attributes, users, { action: 'change', relations, zone });

  const row = await store
    .write(async (session) => {
      const current = await session.users.findForUpdate(id);
      if (current === null) throw new ApiError('record_not_found');
      const { changes, violations } = await decideUpdate(session, call.actor, current, requested, clock());
      if (violations.length > 0) throw ApiError.of(violations);
      // RFC 9110 section 13.2.1: a precondition counts only where the request would succeed without it.
      if (call.precondition(documents.etag(current.revision as number, relations, fields)) === 'failed')
        throw new ApiError('precondition_failed');
      if (Object.keys(changes).length === 0) return current;
      return session.users.update(id, changes);
    }, call.actor.userId)
    .catch((error) => {
      throw emailTaken(error);
    });
  return userReply(services, call, row, fields);
}
