// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults of the command line.

import type { Fault } from '../faults.ts';

export const cliFaults: readonly Fault[] = [
  {
    name: 'an export tells hashes that nobody asked for',
    file: 'src/cli/import-export/export.ts',
    find: 'hashes ? await store.read.passwords.listOf(ids)',
    replace: 'rows.length > 0 ? await store.read.passwords.listOf(ids)',
    tests: ['test/cli/export.test.ts', 'test/cli/secrets-at-rest.test.ts'],
  },
  {
    name: 'a quote in a cell ends it',
    file: 'src/cli/import-export/csv.ts',
    find: "cell.replaceAll('\"', '\"\"')",
    replace: 'cell',
    tests: ['test/cli/export.test.ts', 'test/cli/read-csv.test.ts'],
  },
  {
    name: 'an import that stops says to begin again',
    file: 'src/cli/import-export/import.ts',
    find: 'doneLine = line;',
    replace: '',
    tests: ['test/cli/import-resumed.test.ts'],
  },
  {
    name: 'an import that refused rows ends as if it had not',
    file: 'src/cli/import-export/import.ts',
    find: 'if (counts.refused > 0) process.exitCode ||= 1;',
    replace: '',
    tests: ['test/cli/import.test.ts'],
  },
  {
    name: 'a worker that ends at once is started again at once',
    file: 'src/cli/serve/workers.ts',
    find: 'failures = wasShort ? failures + 1 : 0;',
    replace: 'failures = 0;',
    tests: ['test/cli/workers.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'half a file stays where its writing failed',
    file: 'src/platform/private-files.ts',
    find: '    await handle.close().catch(() => {});\n    remove();',
    replace: '    await handle.close().catch(() => {});',
    tests: ['test/cli/private-files.test.ts', 'test/durability/full.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'records before the line to go on from come in again',
    file: 'src/cli/import-export/read-records.ts',
    find: 'record.line >= first',
    replace: 'record.line > 0',
    tests: ['test/cli/import-resumed.test.ts', 'test/cli/import-streams.test.ts'],
  },
];
