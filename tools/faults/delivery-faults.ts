// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults of jobs, leases, audit events and the manifest of tables.

import type { Fault } from '../faults.ts';

const schedulerTests = ['test/delivery/scheduler.test.ts'];

export const deliveryFaults: readonly Fault[] = [
  {
    name: 'a job writes without asking for its lease',
    file: 'src/delivery/scheduler.ts',
    find: 'if (await transaction.leases.renew(lease, holder)) return work(transaction);',
    replace: 'if (holder !== "") return work(transaction);',
    tests: schedulerTests,
  },
  {
    name: 'a lease is not renewed while its job runs',
    file: 'src/delivery/scheduler.ts',
    find: 'setInterval(renew, lease.leaseMs / 3)',
    replace: 'setInterval(() => renew, lease.leaseMs / 3)',
    tests: schedulerTests,
  },
  {
    name: 'a job that fails stops all its runs',
    file: 'src/delivery/scheduler.ts',
    find: "else log.error({ job: job.name, err: error }, 'job failed');",
    replace: "else { log.error({ job: job.name, err: error }, 'job failed'); await new Promise(() => {}); }",
    tests: schedulerTests,
  },
  {
    name: 'a service that stops keeps its leases',
    file: 'src/delivery/scheduler.ts',
    find: 'await store.write(({ leases }) => leases.release(lease, holder, dueInMs));',
    replace: 'void dueInMs;',
    tests: schedulerTests,
  },
  {
    name: 'a service waits for a job that does not end',
    file: 'src/delivery/scheduler.ts',
    find: 'await Promise.race([Promise.all(running), sleep(withinMs, undefined, { ref: false })]);',
    replace: 'await Promise.race([Promise.all(running)]); void withinMs;',
    tests: [...schedulerTests, 'test/durability/write-lock.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'a lease that is held can be claimed',
    file: 'src/store/sql/leases.ts',
    find: 'where not ${isHeld(lease)} and not',
    replace: 'where not',
    tests: schedulerTests,
  },
  {
    name: 'a job that is not due can be claimed',
    file: 'src/store/sql/leases.ts',
    find: "and not (${isAhead('due_at', lease.everyMs)})",
    replace: '',
    tests: schedulerTests,
  },
  {
    name: 'a clock that is set back stops a job for as long',
    file: 'src/store/sql/leases.ts',
    find: 'between ${now} + 1 and ${now} + ${sql.lit(mostMs)}',
    replace: '> ${now} + 0 * ${sql.lit(mostMs)}',
    tests: schedulerTests,
  },
  {
    name: 'a lease of another is given back',
    file: 'src/store/sql/leases.ts',
    find: 'where name = ${name} and holder = ${holder}\n      `.execute(db);\n    },',
    replace: "where name = ${name} and ${holder} <> ''\n      `.execute(db);\n    },",
    tests: schedulerTests,
  },
  {
    name: 'events of work that is tried again are written twice',
    file: 'src/store/sql/events.ts',
    find: '  return async (transaction, work) => {\n    const events: AuditEvent[] = [];',
    replace: '  const events: AuditEvent[] = [];\n  return async (transaction, work) => {',
    tests: ['test/store/audit-events.test.ts'],
    engine: 'postgres',
  },
  {
    name: 'a change of one row on PostgreSQL loses its event',
    file: 'src/store/sql/change-record.ts',
    find: '!(keepsEvents && event !== undefined)',
    replace: 'Boolean(keepsEvents || event || true)',
    tests: ['test/store/audit-events.test.ts'],
    engine: 'postgres',
  },
  {
    name: 'an event shows the value of a secret',
    file: 'src/model/audit-event.ts',
    find: "read === 'everyone' && recordedAs !== 'changed'",
    replace: "read === 'everyone' || recordedAs !== 'changed'",
    tests: ['test/store/audit-events.test.ts'],
  },
  {
    name: 'a move takes tables in any order',
    file: 'src/store/sql/tables.ts',
    find: 'table !== name || refersTo === name || ordered.some((earlier) => earlier.name === refersTo),',
    replace: "table !== name || refersTo !== '',",
    tests: ['test/store/tables.test.ts', 'test/cli/move.test.ts'],
  },
  {
    name: 'ids that the source has given are given again',
    file: 'src/store/copy/move.ts',
    find: 'const given = await source.lastId(table.name);',
    replace: 'const given = 0;',
    tests: ['test/cli/move.test.ts'],
  },
  {
    name: 'expired idempotency keys are deleted too early',
    file: 'src/resources/operations/delete-expired-keys.ts',
    find: 'clock() - keptMs',
    replace: 'clock() + 1 - keptMs',
    tests: ['test/spec/http/idempotency.test.ts'],
  },
];
