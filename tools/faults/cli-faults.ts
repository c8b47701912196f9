// biome-ignore-all lint/suspicious/noTemplateCurlyInString: source text, not templates
// Faults in the command line.

import type { Fault } from '../faults.ts';

export const cliFaults: readonly Fault[] = [
  {
    name: 'an export contains password hashes without the option',
    file: 'src/cli/import-export/export.ts',
    find: 'hashes ? await store.read.passwords.listOf(ids)',
    replace: 'rows.length > 0 ? await store.read.passwords.listOf(ids)',
    tests: ['test/cli/export.test.ts', 'test/cli/secrets-at-rest.test.ts'],
  },
  {
    name: 'an export does not escape quotes in CSV cells',
    file: 'src/cli/import-export/files/csv.ts',
    find: "cell.replaceAll('\"', '\"\"')",
    replace: 'cell',
    tests: ['test/cli/export.test.ts', 'test/cli/read-csv.test.ts'],
  },
  {
    name: 'an interrupted import says to restart from the beginning',
    file: 'src/cli/import-export/import.ts',
    find: 'done = line;',
    replace: '',
    tests: ['test/cli/import-resumed.test.ts'],
  },
  {
    name: 'an import with refused rows exits with 0',
    file: 'src/cli/import-export/import.ts',
    find: 'if (counts.refused > 0) process.exitCode ||= 1;',
    replace: '',
    tests: ['test/cli/import.test.ts'],
  },
  {
    name: 'a worker that crashes at once is restarted without a pause',
    file: 'src/cli/serve/workers.ts',
    find: 'failures = wasShort ? failures + 1 : 0;',
    replace: 'failures = 0;',
    tests: ['test/cli/workers.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'a failed write leaves a partial file',
    file: 'src/platform/private-files.ts',
    find: '    await handle.close().catch(() => {});\n    remove();',
    replace: '    await handle.close().catch(() => {});',
    tests: ['test/cli/private-files.test.ts', 'test/durability/full.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'a resumed import imports earlier lines again',
    file: 'src/cli/import-export/files/read-records.ts',
    find: 'record.line >= from)',
    replace: 'record.line > 0)',
    tests: ['test/cli/import-resumed.test.ts', 'test/cli/import-streams.test.ts'],
  },
  {
    name: 'an error names the variable of a setting that was given as a flag',
    file: 'src/config.ts',
    find: 'flags.includes(name) ? flagName(name) : environmentName(name)',
    replace: 'environmentName(name)',
    tests: ['test/cli/settings.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'an import that goes on after the last record fails',
    file: 'src/cli/import-export/import.ts',
    find: 'from > last + 1',
    replace: 'from > last',
    tests: ['test/cli/import.test.ts'],
  },
  {
    name: 'a variable that names the database overrules the flag of the other setting',
    file: 'src/config.ts',
    find: 'name === overruled ? undefined : environment[environmentName(name)]',
    replace: 'environment[environmentName(name)]',
    tests: ['test/cli/settings.test.ts'],
    engine: 'sqlite',
  },
  {
    name: 'users create takes the value of --set instead of that of the option',
    file: 'src/cli/accounts/accounts.ts',
    find: 'if (twice !== undefined)',
    replace: 'if (twice === null)',
    tests: ['test/cli/attributes.test.ts'],
  },
];
