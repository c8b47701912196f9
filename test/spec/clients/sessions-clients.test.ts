// JSON:API client libraries from npm, as applications use them, sign in and show and end sessions.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MakeSessionsClient } from '../../../tools/clients/sessions-client.ts';
import { testWithTools, toolsFolder } from '../../support/development-tools.ts';
import { onEachEngine } from '../../support/engines.ts';
import { startApp } from '../../support/start-app.ts';

const account = { email: 'ann@example.com', password: 'rain on the tin roof' };

onEachEngine((engine) => {
  for (const library of ['kitsu', 'devour-client'])
    testWithTools(
      `${library} signs in with an old token, makes a token, lists, renames and ends`,
      async (t) => {
        const { makeSessionsClient }: { makeSessionsClient: MakeSessionsClient } = await import(
          pathToFileURL(join(toolsFolder, `clients/${library}.ts`)).href
        );
        const app = await startApp(t, engine);
        await app.createUser(account);
        const client = makeSessionsClient(`${app.url}/api/v2`);
        const refusal = async (refused: Promise<unknown>) =>
          client.detailsOf(
            await refused.then(
              () => assert.fail('not refused'),
              (error) => error,
            ),
          );

        client.useToken('of a session that has ended');
        const phone = await client.signIn({ ...account, name: 'Phone' });
        const laptop = await client.signIn({ ...account, name: 'Laptop' });
        assert.deepEqual(await refusal(client.signIn({ ...account, password: 'wrong', name: 'Phone' })), [
          'The email or password is not valid',
        ]);
        assert.deepEqual(await refusal(client.sessions()), ['You are not authenticated']);

        client.useToken(laptop.token);
        const ci = await client.createToken('CI');
        assert.deepEqual(await client.sessions(), {
          names: ['test', 'Phone', 'Laptop', 'CI'],
          current: laptop.id,
        });
        assert.equal(await client.rename(laptop.id, 'Work'), 'Work');
        await client.end(phone.id);
        assert.deepEqual((await client.sessions()).names, ['test', 'Work', 'CI']);

        client.useToken(ci.token);
        assert.equal((await client.sessions()).current, ci.id);
        assert.deepEqual(await refusal(client.rename(ci.id, 'mine')), ['This token may only read']);
        client.useToken(phone.token);
        assert.deepEqual(await refusal(client.sessions()), ['You are not authenticated']);
      },
    );
});
