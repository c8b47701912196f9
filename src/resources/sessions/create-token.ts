import { generateToken, hashToken } from '../../security/tokens.ts';
import type { TokenKind } from '../../store/accounts.ts';
import type { Transaction } from '../../store/store.ts';

export interface NewToken {
  readonly userId: number;
  readonly kind: TokenKind;
  readonly name: string;
  /** Milliseconds since 1970, null for never. */
  readonly expiresAt: number | null;
  /** By default a new one, which is kept nowhere but with its owner. */
  readonly token?: string;
}

export async function createToken(
  transaction: Transaction,
  { token = generateToken(), ...rest }: NewToken,
  now: number,
): Promise<{ id: number; token: string }> {
  const id = await transaction.tokens.create({ ...rest, hash: hashToken(token), now });
  // Requests with the token may go to a replica.
  transaction.showTo(rest.userId);
  return { id, token };
}
