// Finds accounts that share a mailbox. Older versions allowed them: they compared addresses, so one mailbox could be
// written in several ways.

import type { Awaitable } from '../../model/awaitable.ts';
import { mailboxKey } from '../../model/mailbox.ts';
import { inOtherForms, type TextRow } from '../migrations/rekey-users.ts';
import type { Engine } from '../sql/engine.ts';

/** PostgreSQL's driver returns ids as text. */
type KeyedEmail = Pick<TextRow, 'email' | 'email_key'> & { readonly id: number | string };

/** @param ask runs a query with at most one parameter */
export async function sharedMailboxes(
  engine: Engine['name'],
  ask: (text: string, parameters: readonly string[]) => Awaitable<readonly KeyedEmail[]>,
): Promise<string[]> {
  const select = 'SELECT id, email, email_key FROM users WHERE';
  const slot = engine === 'sqlite' ? '?' : '$1';
  const holders = new Map<string, Map<number, string>>();
  for (const row of await ask(`${select} ${inOtherForms[engine]('email')} ORDER BY id`, [])) {
    const key = mailboxKey(row.email);
    const known = holders.get(key) ?? new Map<number, string>();
    holders.set(key, known.set(Number(row.id), row.email));
    if (row.email_key === key) continue;
    for (const holder of await ask(`${select} email_key = ${slot}`, [key]))
      known.set(Number(holder.id), holder.email);
  }
  return [...holders.values()]
    .filter((accounts) => accounts.size > 1)
    .map((accounts) => {
      const named = [...accounts].sort(([a], [b]) => a - b).map(([id, email]) => `${id} (${email})`);
      return `accounts ${named.join(' and ')} share a mailbox: change the email of one, or delete it`;
    });
}
