// Faults in reads that may take long.

import type { Fault } from '../faults.ts';

const longReads = ['test/spec/http/long-reads.test.ts'];

export const longReadFaults: readonly Fault[] = [
  {
    name: 'any number of long reads may wait',
    file: 'src/store/sql/long-reads.ts',
    find: 'if (waiting.size > maxWaiting)',
    replace: 'if (maxWaiting < 0)',
    tests: longReads,
  },
  {
    name: 'a long read on SQLite is not told that it is over',
    file: 'src/store/sqlite/read-threads.ts',
    find: 'Atomics.store(thread.interrupted, 0, number)',
    replace: 'void number',
    tests: longReads,
    engine: 'sqlite',
  },
  {
    name: 'a long read on PostgreSQL is not canceled',
    file: 'src/store/postgres/connections.ts',
    find: 'SELECT pg_cancel_backend($1)',
    replace: 'SELECT $1::int',
    tests: longReads,
    engine: 'postgres',
  },
  {
    name: 'the write-ahead log is cut while long reads need it',
    file: 'src/store/sqlite/write-ahead-log.ts',
    find: 'longReads.whenIdle(isTooLarge ? truncate : restart);',
    replace: 'void (isTooLarge ? truncate : restart)();',
    tests: ['test/store/write-ahead-log.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'a few records are looked for among all of their organization',
    file: 'src/store/sql/few-records.ts',
    find: 'conditions.length < 2 ||',
    replace: 'conditions.length < 1e9 ||',
    tests: ['test/store/plans.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'a long read makes a new database file',
    file: 'src/store/sqlite/read-thread.ts',
    find: 'statSync(file);',
    replace: 'void statSync;',
    tests: longReads,
    engine: 'sqlite',
  },
  {
    name: 'one caller takes all places of long reads',
    file: 'src/store/sql/long-reads.ts',
    find: 'if (count >= fewest) continue;',
    replace: 'if (first !== undefined) continue;',
    tests: ['test/store/long-reads.test.ts'],
  },
  {
    name: 'a service that stops waits for long reads',
    file: 'src/http/server.ts',
    find: 'services.store.endLongReads()',
    replace: 'services.store.size()',
    tests: longReads,
  },
  {
    name: 'a cancellation that comes before its statement is not sent again',
    file: 'src/store/postgres/connections.ts',
    find: 'while (!over.signal.aborted) {',
    replace: 'if (!over.signal.aborted) {',
    tests: longReads,
    engine: 'postgres',
  },
];
