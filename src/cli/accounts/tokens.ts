// The commands for tokens. They work directly on the database, so the service may be running or stopped.

import type { Config } from '../../config.ts';
import { readId } from '../../model/id.ts';
import { zone } from '../../model/zone.ts';
import { createToken } from '../../resources/sessions/create-token.ts';
import { revokeToken } from '../../resources/sessions/revoke-token.ts';
import type { Store } from '../../store/store.ts';
import { CommandError, type OutputOptions, printRecord, printRows, Time, time } from '../print.ts';
import { endOfAccess, heldUserOf, userOf } from './named-records.ts';
import { operatorOf } from './operator.ts';

export async function createTokenCommand(
  store: Store,
  config: Config,
  input: { user: string; name: string; expiresAt?: number; session?: boolean },
  output: OutputOptions,
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const now = services.clock();
  const created = await writer.write(async (transaction) => {
    const user = await heldUserOf(transaction, input.user);
    const { id, name, token } = await createToken(
      transaction,
      writer,
      {
        userId: user.id,
        kind: input.session ? 'session' : 'api',
        name: input.name,
        expiresAt: input.expiresAt ?? null,
      },
      now,
    );
    const notes = [
      ...(input.expiresAt !== undefined && input.expiresAt <= now
        ? [`This token does not work, because it expired at ${new Date(input.expiresAt).toISOString()}`]
        : []),
      ...endOfAccess(user, now),
    ];
    const note = notes.length > 0 && { note: notes.join('. ') };
    return { id, user_id: user.id, name, token, ...note };
  });
  printRecord(created, output);
}

export async function listTokensCommand(
  store: Store,
  config: Config,
  user: string | undefined,
  output: OutputOptions,
): Promise<void> {
  const userId = user === undefined ? null : (await userOf(store.read, user)).id;
  const timeZone = zone(config.timeZone);
  printRows(
    (await store.read.tokens.list(userId)).map((token) => ({
      ...token,
      created_at: new Time(token.created_at, timeZone),
      expires_at: time(token.expires_at, timeZone),
    })),
    output,
  );
}

export async function revokeTokenCommand(
  store: Store,
  config: Config,
  id: string,
  output: OutputOptions,
): Promise<void> {
  const { writer } = operatorOf(store, config);
  const tokenId = readId(id);
  const revoked =
    tokenId !== null && (await writer.write((transaction) => revokeToken(transaction, writer, tokenId)));
  if (!revoked) throw new CommandError(`There is no token ${id}`);
  printRecord({ id: tokenId, revoked: true }, output);
}
