import { generateToken, hashToken } from '../../security/tokens.ts';
import type { TokenKind } from '../../store/accounts.ts';
import type { Transaction } from '../../store/store.ts';

export interface NewToken {
  readonly userId: number;
  readonly kind: TokenKind;
  readonly name: string;
  /** Milliseconds since 1970; null if it never expires. */
  readonly expiresAt: number | null;
  /** By default a new random token. Only its hash is stored. */
  readonly token?: string;
}

export async function createToken(
  transaction: Transaction,
  { token = generateToken(), ...rest }: NewToken,
  now: number,
): Promise<{ id: number; token: string }> {
  const id = await transaction.tokens.create({ ...rest, hash: hashToken(token), now });
  // A request with this token may be served by a replica.
  transaction.showTo(rest.userId);
  return { id, token };
}
