// GET /users/{id}/access: why the user cannot sign in, and what ends it.

import { ApiError } from '../../errors.ts';
import { managesSecurity, managesUsers } from '../../model/actor.ts';
import type { Zone } from '../../model/zone.ts';
import { reportOperation } from '../operations/report.ts';
import { accessReasons, canSignIn, type Reason } from './access-reasons.ts';
import { accessReport } from './access-report.ts';
import { users } from './users.ts';
import { usersAccess } from './users-access.ts';

export const showAccess = reportOperation(
  usersAccess,
  users,
  accessReport,
  ({ actor }, userId) => {
    if (actor.userId !== userId && !managesUsers(actor) && !managesSecurity(actor))
      throw new ApiError('access_denied');
  },
  async ({ store, clock, zone }, user) => {
    const reasons = await accessReasons(store.read, user, clock());
    return {
      can_sign_in: canSignIn(reasons),
      reasons: JSON.stringify(reasons.map((reason) => shown(reason, zone))),
    };
  },
);

function shown({ since, until, wayOut, ...reason }: Reason, zone: Zone) {
  const time = (epochMs: number | null) => (epochMs === null ? null : zone.format(epochMs));
  return { ...reason, since: time(since), until: time(until), way_out: wayOut };
}
