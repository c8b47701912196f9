// Decides which columns a write sets. If a resource has the attributes `created_at` and `updated_at`, they get the time
// of the change.

import type { RecordOf, Resource, Row, ValuesOf } from '../../model/resource.ts';

/**
 * The columns whose values differ from those of the record; empty if none do. The new `updated_at` is always later
 * than the old one, also within the same millisecond or after the clock was set back.
 * @param now milliseconds since 1970
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
  if (Object.keys(changes).length > 0 && has(resource, 'updated_at'))
    changes.updated_at = Math.max(now, Number(before.updated_at) + 1);
  return changes as ValuesOf<R>;
}

/**
 * The columns of a new record.
 * @param now milliseconds since 1970
 */
export function newColumns<R extends Resource, V extends ValuesOf<R>>(
  resource: R,
  values: V,
  now: number,
): V {
  const times = ['created_at', 'updated_at'].filter((name) => has(resource, name));
  return { ...Object.fromEntries(times.map((name) => [name, now])), ...values };
}

function has({ attributes }: Resource, name: string): boolean {
  return attributes[name] !== undefined;
}
