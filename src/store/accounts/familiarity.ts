// What accounts have signed in from: networks and devices, with the time of the last sign-in from each.

import type { Familiarity, NotedAddress } from '../attempts.ts';
import type { Database } from '../sql/engine.ts';

/**
 * Notes a sign-in. Usually this is one statement.
 */
export async function noteFamiliarity(
  db: Database,
  [named, of]: readonly ['known_addresses', 'network'] | readonly ['known_devices', 'device'],
  [userId, value]: readonly [userId: number, value: string],
  { now, since, maxKept }: NotedAddress,
): Promise<Familiarity> {
  // The tables differ in the name of one column.
  const table = named as 'known_addresses';
  const column = of as 'network';
  const { numUpdatedRows } = await db
    .updateTable(table)
    .set({ last_at: now })
    .where('user_id', '=', userId)
    .where(column, '=', value)
    .where('last_at', '>', since)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) return 'known';
  await db
    .insertInto(table)
    .values({ user_id: userId, [column]: value, last_at: now } as never)
    .onConflict((conflict) => conflict.columns(['user_id', column]).doUpdateSet({ last_at: now }))
    .execute();
  const others = await db
    .selectFrom(table)
    .select([column, 'last_at'])
    .where('user_id', '=', userId)
    .where(column, '!=', value)
    .orderBy('last_at', 'desc')
    .orderBy(column)
    .execute();
  const surplus = others.slice(maxKept - 1).map((row) => row[column]);
  if (surplus.length > 0)
    await db.deleteFrom(table).where('user_id', '=', userId).where(column, 'in', surplus).execute();
  return others.some((row) => row.last_at > since) ? 'new' : 'first';
}
