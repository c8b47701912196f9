// `users import` and `users export` of files that no buffer holds.

import assert from 'node:assert/strict';
import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileFormats } from '../support/account-files.ts';
import { commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';
import { firstLine, imported, nobody, people, textOf } from '../support/streamed-accounts.ts';

const timeout = 900_000;

onEachEngine((engine) => {
  test('200,000 rows come in and go out whole, in each format, by file and by pipe', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('migrate');
    const names = people('person', 200_000);
    for (const format of fileFormats) {
      const file = join(muster.dataDir, `many.${format}`);
      writeFileSync(file, textOf(format, names));
      const isFirst = format === fileFormats[0];
      const piped = await imported(muster, ['-', '--format', format], createReadStream(file));
      const counts = { ...nobody, rows: names.length };
      assert.deepEqual(piped, { ...counts, [isFirst ? 'created' : 'existing']: names.length }, format);
      assert.deepEqual(await imported(muster, [file]), { ...counts, existing: names.length }, format);

      const out = join(muster.dataDir, `out.${format}`);
      assert.equal((await muster.attempt('users', 'export', out)).code, 0);
      const text = readFileSync(out, 'utf8');
      assert.equal(text.split('\n').length - 1, names.length + firstLine(format) - 1, format);
      const printed = await muster.attempt('users', 'export', '-', '--format', format);
      assert.ok(printed.stdout === text, format);
      const found = new Set(text.match(/person\d+(?=@)/g));
      assert.ok(names.every((name) => found.has(name)));
    }
  });
});
