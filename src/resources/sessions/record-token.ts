// Audit events of tokens. A token is a session of the API, also if a command has created it.

import type { Token } from '../../store/accounts.ts';
import type { Transaction } from '../../store/store.ts';
import type { Author } from '../operations/record-change.ts';

type Recorded = Pick<Token, 'id' | 'user_id' | 'name' | 'expires_at'>;

/** The attributes of sessions, by column. */
const attributes = { name: 'name', user_id: 'user_id', expires_at: 'token_expires_at' };

/** @param before null for a new token, `after` is null for a revoked one */
export function recordToken(
  transaction: Transaction,
  { actor, origin }: Author,
  { before, after }: { readonly before: Recorded | null; readonly after: Recorded | null },
): void {
  const changes = Object.entries(attributes).flatMap(([column, attribute]) => {
    const [from, to] = [before, after].map((token) => token?.[column as keyof Recorded] ?? null);
    return from === to ? [] : [{ attribute, from: from!, to: to! }];
  });
  transaction.record(() => ({
    action: before === null ? 'session.create' : 'session.delete',
    outcome: 'success',
    actor: { kind: actor.kind, userId: actor.userId },
    subject: { type: 'sessions', id: (after ?? before)!.id },
    organizationId: null,
    changes,
    origin: origin(),
  }));
}
