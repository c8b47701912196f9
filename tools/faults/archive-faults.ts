// Faults in archives, and in files for spreadsheets.

import type { Fault } from '../faults.ts';

const folder = 'src/store/copy';
const whole = ['test/cli/archive.test.ts'];
const damaged = ['test/cli/damaged-archives.test.ts'];
const spreadsheets = ['test/cli/spreadsheets.test.ts'];

export const archiveFaults: readonly Fault[] = [
  {
    name: 'an archive has rows of several moments',
    file: `${folder}/write-archive.ts`,
    find: 'files.push(await writeTable(table, reader, addSummed, watcher));',
    replace: 'files.push(await writeTable(table, engine.reader, addSummed, watcher));',
    tests: damaged,
  },
  {
    name: 'an archive is one file for each table, of any size',
    file: `${folder}/write-archive.ts`,
    find: 'if (size >= maxPartSize) await flush();',
    replace: '',
    tests: damaged,
  },
  {
    name: 'ids of deleted rows are given again after an import',
    file: `${folder}/load-archive.ts`,
    find: 'if (lastId !== null) await engine.advanceSequence(db, name, lastId);',
    replace: '',
    tests: whole,
  },
  {
    name: 'a damaged part of an archive is imported',
    file: `${folder}/verify-archive.ts`,
    find: 'if (file.sha256 !== sha256)',
    replace: "if (file.sha256 === '')",
    tests: damaged,
  },
  {
    name: 'a file that an archive does not list is accepted',
    file: `${folder}/verify-archive.ts`,
    find: 'if (extra !== undefined)',
    replace: 'if (extra === sumsName)',
    tests: damaged,
  },
  {
    name: 'an archive is imported on top of other accounts',
    file: `${folder}/load-archive.ts`,
    find: 'if (left.get(table.name) === 0) continue;',
    replace: 'continue;',
    tests: whole,
  },
  {
    name: 'an import goes on behind rows of another archive',
    file: `${folder}/load-archive.ts`,
    find: 'if (value === undefined || lineOf(value) !== lineOf(row)) throw otherData(table, value ?? row);',
    replace: 'if (value === undefined) throw otherData(table, row);',
    tests: damaged,
  },
  {
    name: 'an archive whose end is missing at the second reading is imported without it',
    file: `${folder}/load-archive.ts`,
    find: 'if (listed.size > 0) throw changed();',
    replace: '',
    tests: damaged,
  },
  {
    name: 'an older archive sets new attributes to null',
    file: `${folder}/archived-rows.ts`,
    find: 'resource!.attributes[name]!.default ?? null',
    replace: 'null',
    tests: damaged,
  },
  {
    name: 'a number in JSON is rounded on its way through an archive',
    file: `${folder}/archived-rows.ts`,
    find: "some(({ type }) => type === 'json') ? readJson : JSON.parse",
    replace: 'some(() => false) ? readJson : JSON.parse',
    tests: whole,
  },
  {
    name: 'a huge file in an archive is read into memory',
    file: 'src/cli/archive/read-tar.ts',
    find: 'if (header.size > maxFileBytes)',
    replace: 'if (header.size < 0)',
    tests: damaged,
  },
  {
    name: 'the error of a full disk is hidden by that of the aborted stream',
    file: 'src/cli/archive/write-tar.ts',
    find: "if (working.status === 'rejected' && writing.status === 'fulfilled') throw working.reason;",
    replace: "if (working.status === 'rejected') throw working.reason;",
    tests: damaged,
  },
  {
    name: 'a spreadsheet runs names as formulas',
    file: 'src/cli/import-export/defused-cells.ts',
    find: 'return [...cells.map((cell) => (likeFormula.test(cell)',
    replace: 'return [...cells.map((cell) => (cell === null',
    tests: spreadsheets,
  },
  {
    name: 'an import keeps the apostrophes of a spreadsheet',
    file: 'src/cli/import-export/own-accounts.ts',
    find: 'defused?.has(target) ? restore(cells[i]!) : cells[i]!',
    replace: 'cells[i]!',
    tests: spreadsheets,
  },
  {
    name: 'an import takes an apostrophe away that belongs to a name',
    file: 'src/cli/import-export/own-accounts.ts',
    find: 'defused?.has(target) ? restore(cells[i]!)',
    replace: 'defused ? restore(cells[i]!)',
    tests: spreadsheets,
  },
];
