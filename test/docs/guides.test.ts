// Guides: their commands work as written, in this order, on a new database, and print what the page shows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bootstrap } from '../../src/cli/serve/bootstrap.ts';
import { readConfig } from '../../src/config.ts';
import { openStore } from '../../src/open-store.ts';
import { commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';
import { blocksOf, isAsShown } from '../support/page-commands.ts';
import { shell, spawnMuster } from '../support/spawn-muster.ts';
import { testLinkSecret } from '../support/start-app.ts';

const guides = {
  'passwords-and-invitations.md': 'sets passwords by links in mails',
  'organizations.md': 'sets up an organization whose owner changes and ends roles',
  'signing-in.md': 'signs in, ends devices, makes API tokens, and finds why somebody cannot sign in',
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const separator = '--- the next block ---';

onEachEngine((engine) => {
  for (const [page, does] of Object.entries(guides))
    test(`${page} ${does}, with the responses that it shows`, async (t) => {
      const blocks = blocksOf(page);
      const { env } = await commandLine(t, { MUSTER_LINK_SECRET: testLinkSecret }, engine);
      const config = readConfig({}, env);
      const store = await openStore(config);
      await bootstrap(config, store, Date.now);
      await store.close();
      const service = await spawnMuster(t, { env });
      const script = blocks
        .map(({ commands }) => commands)
        .join(`echo '${separator}'\n`)
        .replaceAll('http://127.0.0.1:3000', service.url);
      const { stdout, stderr } = await shell(`cd '${root}'\n${script}`, { env });
      assert.equal(stderr, '');
      const printed = stdout.split(`${separator}\n`);
      assert.equal(printed.length, blocks.length, stdout);
      blocks.forEach(({ commands, shown }, i) => {
        if (shown === null) return;
        const lines = shown.trimEnd().split('\n');
        const answers = printed[i]!.trimEnd().split('\n');
        assert.equal(answers.length, lines.length, `${commands}\n${printed[i]}`);
        lines.forEach((line, j) => {
          assert.ok(isAsShown(line, answers[j]!), `The page shows\n${line}\nbut it is\n${answers[j]}`);
        });
      });
      await service.stop();
    });
});

test('guides show the response of every request, with its status', () => {
  for (const page of Object.keys(guides))
    for (const { commands, shown } of blocksOf(page)) {
      const requests = [...commands.matchAll(/^(api ("?\$|'')|sign_in )/gm)].length;
      const responses = [...(shown ?? '').matchAll(/ \d{3}$/gm)].length;
      assert.equal(responses, requests, commands);
    }
});
