// Which columns a write sets. A resource with the attribute `updated_at` has the time of its last change there.

import type { RecordOf, Resource, Row, ValuesOf } from '../../model/resource.ts';

/**
 * The columns whose values differ from those of the record; empty where nothing differs. Its new `updated_at` is later
 * than the last one even within a millisecond, or when the clock went back.
 */
export function changedColumns<R extends Resource>(
  resource: R,
  current: RecordOf<R>,
  wanted: ValuesOf<R>,
  now: number,
): ValuesOf<R> {
  const before = current as Row;
  const changes = Object.fromEntries(
    Object.entries(wanted as Row).filter(([name, value]) => before[name] !== value),
  );
  if (Object.keys(changes).length > 0 && hasUpdatedAt(resource))
    changes.updated_at = Math.max(now, Number(before.updated_at) + 1);
  return changes as ValuesOf<R>;
}

/** Of a new record. */
export function newColumns<R extends Resource>(resource: R, values: ValuesOf<R>, now: number): ValuesOf<R> {
  return hasUpdatedAt(resource) ? { updated_at: now, ...values } : values;
}

function hasUpdatedAt({ attributes }: Resource): boolean {
  return attributes.updated_at !== undefined;
}
