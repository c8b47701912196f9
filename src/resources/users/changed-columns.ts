import type { Stored } from '../../model/kind.ts';
import type { Row } from '../../model/resource.ts';

/**
 * The columns whose values differ from those of the row, with an `updated_at` that is later than the row's even within
 * a millisecond or when the clock went back; empty where nothing differs.
 */
export function changedColumns(
  current: Row,
  wanted: Readonly<Record<string, Stored>>,
  now: number,
): Readonly<Record<string, Stored>> {
  const changes = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => current[name] !== value),
  );
  if (Object.keys(changes).length > 0) changes.updated_at = Math.max(now, (current.updated_at as number) + 1);
  return changes;
}
