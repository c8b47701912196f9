// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in jobs, leases, audit events and the list of tables.

import type { Fault } from '../faults.ts';

const schedulerTests = ['test/delivery/scheduler.test.ts'];

export const deliveryFaults: readonly Fault[] = [
  {
    name: 'a job writes without renewing its lease',
    file: 'src/delivery/scheduler.ts',
    find: 'if (await transaction.leases.renew(lease, holder)) return work(transaction);',
    replace: 'if (holder !== "") return work(transaction);',
    tests: schedulerTests,
  },
  {
    name: 'a lease is not renewed during a run',
    file: 'src/delivery/scheduler.ts',
    find: 'setInterval(renew, lease.leaseMs / 3)',
    replace: 'setInterval(() => renew, lease.leaseMs / 3)',
    tests: schedulerTests,
  },
  {
    name: 'a job does not run again after an error',
    file: 'src/delivery/scheduler.ts',
    find: "else log.error({ job: job.name, err: error }, 'job failed');",
    replace: "else { log.error({ job: job.name, err: error }, 'job failed'); await new Promise(() => {}); }",
    tests: schedulerTests,
  },
  {
    name: 'a job during which the database fails does not run again soon',
    file: 'src/delivery/scheduler.ts',
    find: 'if (error instanceof StoreUnavailable) throw error;',
    replace: '',
    tests: schedulerTests,
    engine: 'sqlite',
  },
  {
    name: 'a service that stops does not release its leases',
    file: 'src/delivery/scheduler.ts',
    find: 'await store.write(({ leases }) => leases.release(lease, holder, dueInMs));',
    replace: 'void dueInMs;',
    tests: schedulerTests,
  },
  {
    name: 'a service that stops waits for a job that does not end',
    file: 'src/delivery/scheduler.ts',
    find: 'await Promise.race([Promise.all(running), sleep(withinMs, undefined, { ref: false })]);',
    replace: 'await Promise.race([Promise.all(running)]); void withinMs;',
    tests: [...schedulerTests, 'test/durability/write-lock.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'a lease that another process holds can be claimed',
    file: 'src/store/sql/leases.ts',
    find: 'where not ${isHeld(lease)} and not',
    replace: 'where not',
    tests: schedulerTests,
  },
  {
    name: 'a lease can be claimed before the job is due',
    file: 'src/store/sql/leases.ts',
    find: "and not (${isAhead('due_at', lease.everyMs)})",
    replace: '',
    tests: schedulerTests,
  },
  {
    name: 'a job pauses when the clock is set back',
    file: 'src/store/sql/leases.ts',
    find: 'between ${now} + 1 and ${now} + ${sql.lit(mostMs)}',
    replace: '> ${now} + 0 * ${sql.lit(mostMs)}',
    tests: schedulerTests,
  },
  {
    name: 'a process releases the lease of another process',
    file: 'src/store/sql/leases.ts',
    find: 'where name = ${name} and holder = ${holder}\n      `.execute(db);\n    },',
    replace: "where name = ${name} and ${holder} <> ''\n      `.execute(db);\n    },",
    tests: schedulerTests,
  },
  {
    name: 'a retried transaction writes its events twice',
    file: 'src/store/sql/events.ts',
    find: '  return async (db, transaction, work) => {\n    const rows: Row[] = [];',
    replace: '  const rows: Row[] = [];\n  return async (db, transaction, work) => {',
    tests: ['test/store/audit-events.test.ts'],
    engine: 'postgres',
  },
  {
    name: 'a change of one row on PostgreSQL writes no event',
    file: 'src/store/sql/change-record.ts',
    find: 'changes, check, recorded ?? null)',
    replace: 'changes, check, recorded && null)',
    tests: ['test/store/audit-events.test.ts'],
    engine: 'postgres',
  },
  {
    name: 'an audit event contains the value of a secret',
    file: 'src/model/audit-event.ts',
    find: "read === 'everyone' && recordedAs !== 'changed'",
    replace: "read === 'everyone' || recordedAs !== 'changed'",
    tests: ['test/store/audit-events.test.ts'],
  },
  {
    name: 'a move copies tables in any order',
    file: 'src/store/sql/tables.ts',
    find: 'table !== name || refersTo === name || ordered.some((earlier) => earlier.name === refersTo),',
    replace: "table !== name || refersTo !== '',",
    tests: ['test/store/tables.test.ts', 'test/cli/move.test.ts'],
  },
  {
    name: 'after a move, ids of the source are used again',
    file: 'src/store/copy/move.ts',
    find: 'const given = await source.lastId(table.name);',
    replace: 'const given = 0;',
    tests: ['test/cli/move.test.ts'],
  },
  {
    name: 'idempotency keys are deleted before they expire',
    file: 'src/resources/operations/delete-expired-keys.ts',
    find: 'clock() - keyLifetimeMs',
    replace: 'clock() + 1 - keyLifetimeMs',
    tests: ['test/spec/http/idempotency.test.ts'],
  },
];
