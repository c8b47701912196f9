// `users import` and `users export` of files that no buffer holds: 200,000 rows once in each format and each way in.

import assert from 'node:assert/strict';
import { createReadStream, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileFormats } from './account-files.ts';
import { commandLine } from './command-line.ts';
import type { EngineName } from './engines.ts';
import { runMuster } from './spawn-muster.ts';
import { firstLine, imported, linesOf, nobody } from './streamed-accounts.ts';

const count = 200_000;

/** Far above the usual duration: only ends a test that hangs. */
export const largeTimeout = 3_600_000;

/** Each engine has its own test file, so that they run in parallel. */
export async function importAndExportMany(t: TestContext, engine: EngineName): Promise<void> {
  const muster = await commandLine(t, {}, engine);
  for (const format of fileFormats) {
    const file = join(muster.dataDir, `many.${format}`);
    await writeFile(file, linesOf(format, 'person', count));
    const counts = { ...nobody, rows: count };
    const isFirst = format === fileFormats[0];
    const piped = await imported(muster, ['-', '--format', format], createReadStream(file));
    assert.deepEqual(piped, { ...counts, [isFirst ? 'created' : 'existing']: count }, format);
    assert.deepEqual(await imported(muster, [file]), { ...counts, existing: count }, format);

    const out = join(muster.dataDir, `out.${format}`);
    const [written, printed] = await Promise.all([
      runMuster(['users', 'export', out], muster),
      runMuster(['users', 'export', '-', '--format', format], muster),
    ]);
    assert.deepEqual([written.code, printed.code], [0, 0], written.stderr + printed.stderr);
    const text = readFileSync(out, 'utf8');
    assert.ok(printed.stdout === text, format);
    assert.equal(text.split('\n').length - 1, count + firstLine(format) - 1, format);
    const found = new Set(text.match(/person\d+(?=@)/g));
    assert.equal(found.size, count, format);
    assert.ok(found.has('person0') && found.has(`person${count - 1}`), format);
  }
}
