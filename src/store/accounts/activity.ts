// When sessions and people were last active. Written in batches; each batch is one statement.

import { type RawBuilder, sql } from 'kysely';
import type { Activity } from '../activity.ts';
import type { Database, Engine } from '../sql/engine.ts';

interface DueRows {
  readonly table: 'sessions' | 'people';
  /** A table expression with the values that were collected. */
  readonly collected: RawBuilder<unknown>;
  /** Selects `id`, `owner` and the new values of the rows that are to be written, from `collected` and the table. */
  readonly due: RawBuilder<unknown>;
  /** The assignments, from the columns of `due`. */
  readonly set: RawBuilder<unknown>;
  /** The condition on the table and `due` under which a row is written. */
  readonly isEarlier: RawBuilder<boolean>;
}

export function activity(db: Database, engine: Engine): Activity {
  /** @returns `owner` of the rows that were locked */
  async function writeDue({ table, collected, due, set, isEarlier }: DueRows): Promise<number[]> {
    const rows = sql.table(table);
    const update = sql`update ${rows} set ${set}, revision = revision + 1 from due
      where ${rows}.id = due.id and ${isEarlier}`;
    if (!engine.locksRows) {
      await sql`with ${collected}, due as (${due}) ${update}`.execute(db);
      return [];
    }
    // To wait for a row could deadlock, and would delay all others. The condition holds again in the update, for rows
    // that another process has written since the snapshot.
    const { rows: locked } = await sql<{ owner: number }>`
      with ${collected}, due as materialized (${due}),
        free as materialized (
          select id from ${rows} where id in (select id from due) order by id for no key update skip locked
        ),
        written as (${update} and exists (select from free where free.id = due.id))
      select distinct due.owner from due where not exists (select from free where free.id = due.id)
    `.execute(db);
    return locked.map(({ owner }) => owner);
  }

  /** A table expression with these rows, which are one parameter. SQLite would scan the table to join many constants. */
  function rowsOf(
    columns: Readonly<Record<string, 'bigint' | 'text'>>,
    rows: readonly (readonly unknown[])[],
  ) {
    const json = JSON.stringify(rows);
    const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
    const values = sql.join(
      Object.values(columns).map((type, i) => sql`cast(value ->> ${sql.lit(i)} as ${sql.raw(type)})`),
    );
    const elements = engine.locksRows
      ? sql`jsonb_array_elements(cast(${json} as jsonb)) as element (value)`
      : sql`json_each(${json})`;
    return sql`collected (${names}) as (select ${values} from ${elements})`;
  }

  return {
    async writeSessions(activities, stepMs) {
      if (activities.length === 0) return [];
      const isEarlier = (at: RawBuilder<unknown>) => isEarlierBy(stepMs, 'sessions.last_activity_at', at);
      return writeDue({
        table: 'sessions',
        collected: rowsOf(
          { id: 'bigint', at: 'bigint', address: 'text' },
          activities.map(({ sessionId, at, address }) => [sessionId, at, address]),
        ),
        due: sql`
          select sessions.id, sessions.id as owner, collected.at, collected.address
          from collected join sessions on sessions.id = collected.id where ${isEarlier(sql`collected.at`)}`,
        set: sql`last_activity_at = due.at, last_ip = due.address`,
        isEarlier: isEarlier(sql`due.at`),
      });
    },
    async writePeople(activities, stepMs) {
      if (activities.length === 0) return [];
      const isEarlier = (active: RawBuilder<unknown>, seen: RawBuilder<unknown>) => sql<boolean>`
        (${isEarlierBy(stepMs, 'people.last_activity_at', active)}
          or (${seen} is not null and ${isEarlierBy(stepMs, 'people.last_seen_at', seen)}))`;
      return writeDue({
        table: 'people',
        collected: rowsOf(
          { user_id: 'bigint', organization_id: 'bigint', active_at: 'bigint', seen_at: 'bigint' },
          activities.map((one) => [one.userId, one.organizationId, one.activeAt, one.seenAt]),
        ),
        due: sql`
          select people.id, people.user_id as owner, max(collected.active_at) as active_at, max(collected.seen_at) as seen_at
          from collected join people on people.user_id = collected.user_id
          where (collected.organization_id is null or collected.organization_id = people.organization_id)
            and people.deactivated_at is null
            and (people.access_expires_at is null or people.access_expires_at > collected.active_at)
            and ${isEarlier(sql`collected.active_at`, sql`collected.seen_at`)}
          group by people.id, people.user_id`,
        set: sql`last_activity_at = ${laterOf('people.last_activity_at', 'due.active_at')},
          last_seen_at = ${laterOf('people.last_seen_at', 'due.seen_at')}`,
        isEarlier: isEarlier(sql`due.active_at`, sql`due.seen_at`),
      });
    },
  };
}

function isEarlierBy(stepMs: number, column: string, time: RawBuilder<unknown>): RawBuilder<boolean> {
  const stored = sql.ref(column);
  return sql`(${stored} is null or ${stored} <= ${time} - ${sql.lit(stepMs)})`;
}

/** The later of a stored time and a new one. Each may be null. */
function laterOf(stored: string, given: string): RawBuilder<number> {
  return sql`case when ${sql.ref(given)} is null or ${sql.ref(stored)} > ${sql.ref(given)}
    then ${sql.ref(stored)} else ${sql.ref(given)} end`;
}
