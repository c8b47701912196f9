// JSON:API client libraries from npm, as applications use them, set a password by a link.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MakePasswordsClient } from '../../../tools/clients/passwords-client.ts';
import { testWithTools, toolsFolder } from '../../support/development-tools.ts';
import { onEachEngine } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import { startApp } from '../../support/start-app.ts';
import { signInAt } from '../sessions/start-sign-in.ts';

const email = 'ann@example.com';
const password = 'rain on the tin roof';

onEachEngine((engine) => {
  for (const library of ['kitsu', 'devour-client'])
    testWithTools(`${library} asks for a link, shows it, sets a password, and shows errors`, async (t) => {
      const { makePasswordsClient }: { makePasswordsClient: MakePasswordsClient } = await import(
        pathToFileURL(join(toolsFolder, `clients/${library}.ts`)).href
      );
      const app = await startApp(t, engine, { trustedProxies: 'loopback' });
      await app.createUser({ email });
      const client = makePasswordsClient(`${app.url}/api/v2`);
      const refusal = async (refused: Promise<unknown>) =>
        client.detailsOf(
          await refused.then(
            () => assert.fail('not refused'),
            (error) => error,
          ),
        );
      await client.ask(email);
      await client.ask('nobody@example.com');
      assert.deepEqual(await refusal(client.ask('')), ["can't be blank"]);
      const token = (await mailsTo(app, email))[0]!.token!;
      assert.deepEqual(await client.show(token), { id: token, email, firstPassword: true });
      assert.deepEqual(await refusal(client.reset(token, 'password1234')), ['is a commonly used password']);
      await client.reset(token, password);
      assert.deepEqual(await refusal(client.show(token)), ['The requested record was not found']);
      assert.equal((await signInAt(app)(email, password)).status, 201);
    });
});
