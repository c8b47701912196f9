// The rules for writing sessions that do not follow from the definition.

import { ApiError } from '../../errors.ts';
import { managesSecurity } from '../../model/actor.ts';
import { audienceSet } from '../../model/audience.ts';
import type { WriteRules } from '../operations/write-rules.ts';
import { users } from '../users/users.ts';
import { requireRank } from '../users/users-access.ts';
import { sessions } from './sessions.ts';
import { sessionsAccess } from './sessions-access.ts';

const self = audienceSet(sessions, 'self');

export const sessionRules: WriteRules<typeof sessions> = {
  resource: sessions,
  access: sessionsAccess,
  // A sign-in and an API token are created by operations of their own.
  requireMayCreate() {
    throw new ApiError('access_denied');
  },
  requireMayUpdate() {},
  requireMayDelete(actor, id) {
    if (actor.userId !== null && actor.readOnly && actor.sessionId !== id)
      throw new ApiError('read_only_token');
  },
  requireMayWrite(actor, _current, audience, action) {
    const isOwn = (audience & self) !== 0;
    if (!isOwn && !(action === 'delete' && managesSecurity(actor))) throw new ApiError('access_denied');
  },
  // So that nobody gives the account a power while its session is ended.
  locksToChange: ({ user_id: userId }) => ({ organization: null, userIds: [userId] }),
  async requireDeletable(reads, { user_id: userId }, actor) {
    const user = await reads.records(users).find(userId);
    if (user !== null) requireRank(actor, user);
  },
  accountOf: ({ user_id: userId }) => userId,
};
