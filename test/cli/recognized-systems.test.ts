// A file that certainly comes from one system is not taken for that of another, and not for one of Muster's own.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemNames } from '../../src/cli/import-export/systems/systems.ts';
import { readAccounts } from '../support/read-file.ts';
import { fixturePath, readSystem } from '../support/read-system.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-recognized-'));
after(() => rmSync(folder, { recursive: true }));

/** The files of each system, except those of which any system could have one. */
const files = readdirSync(fixturePath('.'))
  .filter((name) => /\.(?:csv|json)$/.test(name))
  .map(
    (name) =>
      [
        name,
        systemNames.find((system) => name.startsWith(`${system}-`) || name.startsWith(`${system}.`)),
      ] as const,
  )
  .filter(([name, system]) => system !== undefined && !['firebase.csv', 'laravel-shop.json'].includes(name));

test('a file of another system without --from is refused with the option to add', async () => {
  assert.ok(files.length > 15, `${files.length} files`);
  // Of these, an import without --from sees only an object around the accounts.
  const around = ['firebase.json', 'laravel.json', 'wordpress.json'];
  for (const [name, system] of files.filter(([name]) => !around.includes(name)))
    await assert.rejects(
      readAccounts(folder, name, readFileSync(fixturePath(name))),
      { message: `The file has the names of another system: add --from ${system} to read it as it is` },
      name,
    );
});

test('a file of one system is refused with --from of every other', async () => {
  for (const [name, system] of files)
    for (const other of systemNames.filter((one) => one !== system && one !== 'ldif'))
      await assert.rejects(
        readSystem(folder, other, name, readFileSync(fixturePath(name))),
        /The file does not come from|is imported from JSON|has \d+ cells, but the file must have these/,
        `${name} as ${other}`,
      );
});

test('names that two systems have, or only some of one, are no proof', async () => {
  const text = JSON.stringify([{ email: 'ann@example.com', first_name: 'A', last_name: 'B', user_id: 1 }]);
  assert.equal((await readAccounts(folder, 'a.json', text)).length, 1);
});
