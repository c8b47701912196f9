import { ApiError, violation } from '../../errors.ts';
import { tokenName } from '../../model/kinds.ts';
import { zone } from '../../model/zone.ts';
import { generateToken, hashToken } from '../../security/tokens.ts';
import type { TokenKind } from '../../store/accounts.ts';
import type { Transaction } from '../../store/store.ts';
import type { Author } from '../operations/record-change.ts';
import { recordToken } from './record-token.ts';

export interface NewToken {
  readonly userId: number;
  readonly kind: TokenKind;
  readonly name: string;
  /** Milliseconds since 1970; null if it never expires. */
  readonly expiresAt: number | null;
  /** By default a new random token. Only its hash is stored. */
  readonly token?: string;
}

/** @throws ApiError if the name breaks a rule of names: blank, too long, or with control characters */
export async function createToken(
  transaction: Transaction,
  author: Author,
  { token = generateToken(), name: given, ...rest }: NewToken,
  now: number,
): Promise<{ id: number; name: string; token: string }> {
  // The zone is for kinds of times.
  const checked = tokenName.check(given, zone('UTC'));
  if ('violations' in checked) throw ApiError.of(checked.violations.map((rule) => violation('name', rule)));
  const name = checked.value;
  const id = await transaction.tokens.create({ ...rest, name, hash: hashToken(token), now });
  const after = { id, user_id: rest.userId, name, expires_at: rest.expiresAt };
  recordToken(transaction, author, { before: null, after });
  // A request with this token may be served by a replica.
  transaction.showTo(rest.userId);
  return { id, name, token };
}
