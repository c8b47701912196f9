// `muster events`: prints the audit trail, the newest event last, and follows it.

import { setTimeout } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import { readId } from '../../model/id.ts';
import type { Comparison, Filter, Query, SortKey } from '../../model/query.ts';
import { readTimestamp } from '../../model/timestamp.ts';
import { type Zone, zone } from '../../model/zone.ts';
import { type Event, events } from '../../resources/events/events.ts';
import { recordFollower, settledId } from '../../resources/operations/follow-records.ts';
import { StoreUnavailable } from '../../store/errors.ts';
import type { Reads, Store, WalkedPage } from '../../store/store.ts';
import { userOf } from '../accounts/named-records.ts';
import { shownAttributes } from '../accounts/shown-attributes.ts';
import { CommandError, type OutputOptions, type OutputRow, printPages, printRecord, time } from '../print.ts';
import { stopOnSignals } from '../stop-on-signals.ts';

export interface EventsOptions extends OutputOptions {
  /** One, or several separated by commas. */
  readonly action?: string;
  readonly outcome?: string;
  /** An id or an email. */
  readonly actor?: string;
  readonly subject?: string;
  readonly organization?: number;
  readonly ip?: string;
  /** Dates or times in ISO 8601. A date is its first moment, in the zone of the settings. */
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly follow?: boolean;
}

export async function eventsCommand(store: Store, config: Config, options: EventsOptions): Promise<void> {
  const timeZone = zone(config.timeZone);
  const filter = await filterOf(store.read, options, timeZone);
  if (!options.follow) {
    const { limit } = options;
    const onCut = () => process.stderr.write(`Showing the last ${limit} events; use --limit to show more\n`);
    await print(lastEvents(store.read, filter, limit, onCut), timeZone, options);
    return;
  }
  const stop = stopOnSignals();
  try {
    await print(followed(store.read, filter, options.limit, stop.signal), timeZone, options);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    stop.release();
  }
  process.exitCode = stop.exitCode;
}

async function filterOf(reads: Reads, options: EventsOptions, timeZone: Zone): Promise<Filter | null> {
  const { action, outcome, actor, subject, organization, ip, since, until } = options;
  const among = (attribute: string, values: Comparison['values'] | undefined): Comparison[] =>
    values === undefined ? [] : [{ attribute, operator: 'eq', values }];
  // An event outlives the account that it names, so an id need not be that of an account.
  const accountIds = async (user: string | undefined) =>
    user === undefined ? undefined : [readId(user) ?? (await userOf(reads, user)).id];
  const all: Filter[] = [
    ...among('action', action?.split(',')),
    ...among('outcome', outcome === undefined ? undefined : [outcome]),
    ...among('actor_id', await accountIds(actor)),
    ...among('subject_id', await accountIds(subject)),
    ...among('organization_id', organization === undefined ? undefined : [organization]),
    ...among('ip', ip === undefined ? undefined : [ip]),
    ...atTime('gt_eq', '--since', since),
    ...atTime('lt', '--until', until),
  ];
  return all.length === 0 ? null : { all };

  function atTime(operator: 'gt_eq' | 'lt', option: string, text: string | undefined): Comparison[] {
    if (text === undefined) return [];
    const interval = readTimestamp(text, timeZone);
    if (interval === undefined)
      throw new CommandError(`${option} must be a date or a time in ISO 8601, such as 2030-01-01`);
    return [{ attribute: 'created_at', operator, values: [interval.from] }];
  }
}

const pageSize = 500;
const newestFirst = [{ attribute: 'id', descending: true }];

/**
 * The newest events that match, in the order of their ids.
 * @param onCut called if there are more
 */
async function* lastEvents(
  { records }: Reads,
  filter: Filter | null,
  limit: number,
  onCut: () => void = () => {},
): AsyncIterable<readonly Event[]> {
  const ids: number[] = [];
  for (let after: SortKey | null = null; ids.length <= limit; ) {
    const query: Query = {
      filter,
      sort: newestFirst,
      fields: null,
      page: { by: 'cursor', after, size: pageSize },
    };
    const { rows, next }: WalkedPage = await records(events).walk(query, null);
    for (const { id } of rows) ids.push(id);
    if (next === null) break;
    after = next;
  }
  if (ids.length > limit) onCut();
  const shown = ids.slice(0, limit).reverse();
  for (let i = 0; i < shown.length; i += pageSize)
    yield await records(events).findMany(shown.slice(i, i + pageSize));
}

const pollMs = 1000;

/**
 * First the newest events, then those that are added, until the signal. While the database is not available, it waits.
 * @throws AbortError when the signal arrives
 */
async function* followed(
  reads: Reads,
  filter: Filter | null,
  limit: number,
  signal: AbortSignal,
): AsyncIterable<readonly Event[]> {
  const wait = () => setTimeout(pollMs, undefined, { signal });
  const start = await settledId(reads, events, wait);
  const upToStart: Filter = { attribute: 'id', operator: 'lt_eq', values: [start] };
  yield* lastEvents(reads, filter === null ? upToStart : { all: [upToStart, filter] }, limit);
  const added = recordFollower(reads, events, filter, start);
  let isAway = false;
  for (;;) {
    await wait();
    try {
      yield await added();
      if (isAway) process.stderr.write('The database is available again.\n');
      isAway = false;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      if (!isAway) process.stderr.write(`The database is not available, trying again: ${error.message}\n`);
      isAway = true;
    }
  }
}

/** For programs, one JSON object on each line: an array would not end while the trail is followed. */
async function print(
  pages: AsyncIterable<readonly Event[]>,
  timeZone: Zone,
  { json }: OutputOptions,
): Promise<void> {
  if (json) {
    for await (const page of pages)
      for (const event of page) printRecord(shownAttributes(events, event, timeZone), { json });
    return;
  }
  const rows = async function* () {
    for await (const page of pages) yield page.map((event) => summary(event, timeZone));
  };
  await printPages(rows(), {});
}

function summary(event: Event, timeZone: Zone): OutputRow {
  const { id, action, outcome, actor_kind, actor_id, subject_id, organization_id, ip } = event;
  const changes = JSON.parse(event.changes) as readonly { readonly attribute: string }[];
  return {
    id,
    created_at: time(event.created_at, timeZone),
    action,
    outcome,
    actor: actor_id === null ? actor_kind : `${actor_kind} ${actor_id}`,
    subject_id,
    organization_id,
    ip,
    changes: changes.map(({ attribute }) => attribute).join(', '),
  };
}
