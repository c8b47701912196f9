// Leases of jobs, see ../leases.ts. Each operation is one statement whose condition is checked where the row is
// written, so if two processes claim a lease, only one of them succeeds.

import { sql } from 'kysely';
import type { Lease, Leases } from '../leases.ts';
import type { Database, Engine } from './engine.ts';

export function leases(db: Database, { now }: Engine): Leases {
  /**
   * Whether a time is in the future. A time further ahead than it can have been set means that the clock was set
   * back; it counts as past.
   */
  const isAhead = (column: string, mostMs: number) =>
    sql<boolean>`${sql.ref(`leases.${column}`)} between ${now} + 1 and ${now} + ${sql.lit(mostMs)}`;
  const isHeld = ({ leaseMs }: Lease) =>
    sql<boolean>`(leases.holder is not null and ${isAhead('expires_at', leaseMs)})`;

  return {
    async waitMs(lease) {
      const { rows } = await sql<{ wait_ms: number }>`
        select case when ${isHeld(lease)} then expires_at - ${now}
          when ${isAhead('due_at', lease.everyMs)} then due_at - ${now} else 0 end as wait_ms
        from leases where name = ${lease.name}
      `.execute(db);
      return rows[0]?.wait_ms ?? 0;
    },
    async claim(lease, holder) {
      const { rows } = await sql`
        insert into leases (name, holder, expires_at, due_at)
        values (${lease.name}, ${holder}, ${now} + ${sql.lit(lease.leaseMs)}, ${now})
        on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
        where not ${isHeld(lease)} and not (${isAhead('due_at', lease.everyMs)})
        returning name
      `.execute(db);
      return rows.length > 0;
    },
    async renew({ name, leaseMs }, holder) {
      const { rows } = await sql`
        update leases set expires_at = ${now} + ${sql.lit(leaseMs)}
        where name = ${name} and holder = ${holder} returning name
      `.execute(db);
      return rows.length > 0;
    },
    async release({ name }, holder, dueInMs) {
      await sql`
        update leases set holder = null, due_at = ${now} + ${sql.lit(dueInMs)}
        where name = ${name} and holder = ${holder}
      `.execute(db);
    },
  };
}
