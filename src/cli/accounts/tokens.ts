// The commands for tokens. They work directly on the database, so the service may be running or stopped.

import type { Config } from '../../config.ts';
import { readId } from '../../model/id.ts';
import { timestamp } from '../../model/kinds.ts';
import { type Zone, zone } from '../../model/zone.ts';
import { createSession } from '../../resources/sessions/create-session.ts';
import { endSession } from '../../resources/sessions/end-session.ts';
import type { User } from '../../resources/users/users.ts';
import type { SessionRow } from '../../store/sessions.ts';
import type { Store, Transaction } from '../../store/store.ts';
import { CommandError, type OutputOptions, printRecord, printRows, Time, time } from '../print.ts';
import { endOfAccess, heldUserOf, membershipOf, userOf } from './named-records.ts';
import { operatorOf } from './operator.ts';

export interface NewToken {
  readonly user: string;
  readonly name: string;
  readonly readOnly?: boolean;
  readonly expiresAt?: string;
  readonly organization?: string;
  readonly session?: boolean;
}

export async function createTokenCommand(
  store: Store,
  config: Config,
  { user: named, name, readOnly = false, expiresAt, organization, session: isSignIn = false }: NewToken,
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const now = services.clock();
  const end = expiresAt === undefined ? null : timeOf(expiresAt, services.zone);
  const created = await writer.write(async (transaction) => {
    const user = await heldUserOf(transaction, named);
    const membershipId =
      organization === undefined ? null : await bindingOf(transaction, user, organization, now);
    const { session, token } = await createSession(
      transaction,
      writer,
      {
        user_id: user.id,
        machine: !isSignIn,
        name,
        read_only: readOnly,
        membership_id: membershipId,
        token_expires_at: end,
      },
      { limits: services.sessionLimits, now },
    );
    const notes = [
      ...(end !== null && end <= now
        ? [`This token does not work, because it expired at ${new Date(end).toISOString()}`]
        : []),
      ...endOfAccess(user, now),
    ];
    const note = notes.length > 0 && { note: notes.join('. ') };
    return { id: session.id, user_id: user.id, name: session.name, token, ...note };
  });
  printRecord(created, output);
}

/** @throws CommandError */
function timeOf(text: string, timeZone: Zone): number {
  const checked = timestamp.check(text, timeZone);
  if ('violations' in checked)
    throw new CommandError('--expires-at must be a date or a time in ISO 8601, such as 2030-01-01');
  return checked.value;
}

/**
 * The membership to which a token of the user is bound.
 * @throws CommandError if the user is not a member, or no longer
 */
async function bindingOf(
  transaction: Transaction,
  user: User,
  organization: string,
  now: number,
): Promise<number> {
  const { id, expires_at: end } = await membershipOf(transaction, { organization, user: String(user.id) });
  if (end !== null && end <= now)
    throw new CommandError(`The membership of user ${user.id} in organization ${organization} has ended`);
  return id;
}

export async function listTokensCommand(
  store: Store,
  config: Config,
  user: string | undefined,
  output: OutputOptions,
): Promise<void> {
  const userId = user === undefined ? null : (await userOf(store.read, user)).id;
  const timeZone = zone(config.timeZone);
  const sessions = await store.read.sessions.list(userId);
  printRows(
    sessions.map((session) => summary(session, timeZone)),
    output,
  );
}

function summary(session: SessionRow, timeZone: Zone) {
  const { id, user_id, machine, name, read_only, organization_id } = session;
  return {
    id,
    user_id,
    kind: machine ? 'api' : 'session',
    name,
    read_only,
    organization_id,
    created_at: new Time(session.created_at, timeZone),
    last_activity_at: time(session.last_activity_at, timeZone),
    expires_at: time(session.token_expires_at, timeZone),
  };
}

export async function revokeTokenCommand(
  store: Store,
  config: Config,
  id: string,
  output: OutputOptions,
): Promise<void> {
  const { writer } = operatorOf(store, config);
  const sessionId = readId(id);
  const revoked =
    sessionId !== null && (await writer.write((transaction) => endSession(transaction, writer, sessionId)));
  if (!revoked) throw new CommandError(`There is no token ${id}`);
  printRecord({ id: sessionId, revoked: true }, output);
}
