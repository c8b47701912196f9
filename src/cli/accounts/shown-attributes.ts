// The attributes of one record, as commands print them.

import type { Kind, Stored } from '../../model/kind.ts';
import { timestamp } from '../../model/kinds.ts';
import type { RecordOf, Resource, Row } from '../../model/resource.ts';
import type { Zone } from '../../model/zone.ts';
import { type Cell, JsonText, type OutputRow, Time } from '../print.ts';

/** All stored attributes, except secrets. */
export function shownAttributes<R extends Resource>(
  { columns, attributes }: R,
  record: RecordOf<R>,
  timeZone: Zone,
): OutputRow {
  const row = record as Row;
  const shown = columns.filter((name) => attributes[name]!.kind.name !== 'secret');
  const cells = shown.map((name) => [name, cellOf(attributes[name]!.kind, row[name]!, timeZone)]);
  return { id: row.id!, ...Object.fromEntries(cells) };
}

function cellOf(kind: Kind, stored: Stored, timeZone: Zone): Cell {
  if (typeof stored === 'string' && kind.json) return new JsonText(stored);
  return typeof stored === 'number' && kind === timestamp ? new Time(stored, timeZone) : stored;
}
