import { ApiError, violation } from '../../errors.ts';
import type { AuditEvent } from '../../model/audit-event.ts';
import { sessionName } from '../../model/kinds.ts';
import type { ValuesOf } from '../../model/resource.ts';
import { zone } from '../../model/zone.ts';
import type { SessionLimits } from '../../security/session-limits.ts';
import { generateToken, hashToken } from '../../security/tokens.ts';
import type { Transaction } from '../../store/store.ts';
import { type Author, recordChange } from '../operations/record-change.ts';
import { type Session, sessions } from './sessions.ts';

export type NewSession = Omit<ValuesOf<typeof sessions>, 'created_at' | 'last_activity_at' | 'creator_id'> & {
  readonly user_id: number;
  readonly machine: boolean;
  /** By default a new random token. Only its hash is stored. */
  readonly token?: string;
};

/**
 * More than anybody has. So whatever ends all of them at once is short, and nobody fills the database with sessions.
 */
export const maxSignIns = 1000;

interface NewSessionOptions {
  readonly limits: SessionLimits;
  readonly now: number;
  readonly details?: AuditEvent['details'];
}

/**
 * A sign-in ends the one that was unused for longest if the account has too many.
 * @param limits of sign-ins. One ends by the absolute limit, or earlier if its own end is
 * @param details of the audit event
 * @throws ApiError if the name breaks a rule of names: blank, too long, or with control characters
 */
export async function createSession(
  transaction: Transaction,
  author: Author,
  { token = generateToken(), ...given }: NewSession,
  { limits, now, details }: NewSessionOptions,
): Promise<{ session: Session; token: string }> {
  const { machine, token_expires_at: end = null } = given;
  const ended = machine ? 0 : await transaction.sessions.keepSignIns(given.user_id, maxSignIns - 1);
  const id = await transaction.sessions.create({
    ...given,
    hash: hashToken(token),
    name: checkedName(given.name ?? null),
    token_expires_at: machine ? end : Math.min(end ?? Number.POSITIVE_INFINITY, now + limits.absoluteMs),
    last_activity_at: machine ? null : now,
    created_at: now,
    creator_id: author.actor.userId,
  });
  const session = (await transaction.records(sessions).find(id))!;
  recordChange(transaction, author, sessions, {
    verb: 'create',
    before: null,
    after: session,
    details: { ...details, ...(ended > 0 && { sign_ins_ended: ended }) },
  });
  // A request with this token may be served by a replica.
  transaction.showTo(session.user_id);
  return { session, token };
}

function checkedName(name: string | null): string | null {
  if (name === null) return null;
  // The zone is for kinds of times.
  const checked = sessionName.check(name, zone('UTC'));
  if ('violations' in checked) throw ApiError.of(checked.violations.map((rule) => violation('name', rule)));
  return checked.value;
}
