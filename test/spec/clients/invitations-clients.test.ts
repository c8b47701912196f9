// JSON:API client libraries from npm, as applications use them, join an organization by a link.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MakeInvitationsClient } from '../../../tools/clients/invitations-client.ts';
import { testWithTools, toolsFolder } from '../../support/development-tools.ts';
import { onEachEngine } from '../../support/engines.ts';
import { ina, linkTo, password, startAccepting } from '../invitations/start-accepting.ts';
import { signInAt } from '../sessions/start-sign-in.ts';

onEachEngine((engine) => {
  for (const library of ['kitsu', 'devour-client'])
    testWithTools(
      `${library} asks with a join link, shows and accepts invitations, and shows errors`,
      async (t) => {
        const { makeInvitationsClient }: { makeInvitationsClient: MakeInvitationsClient } = await import(
          pathToFileURL(join(toolsFolder, `clients/${library}.ts`)).href
        );
        const { app, joinLink, linkFor } = await startAccepting(t, engine);
        const client = makeInvitationsClient(`${app.url}/api/v2`);
        const refusal = async (refused: Promise<unknown>) =>
          client.detailsOf(
            await refused.then(
              () => assert.fail('not refused'),
              (error) => error,
            ),
          );
        const token = await linkFor(ina, { first_name: 'Ina' });
        assert.deepEqual(await client.show(token), { id: token, email: ina, firstName: 'Ina' });
        const given = { last_name: 'Ost', password };
        assert.deepEqual(await refusal(client.accept(token, { ...given, password: 'password1234' })), [
          'is a commonly used password',
        ]);
        await client.accept(token, given);
        assert.deepEqual(await refusal(client.show(token)), ['The requested record was not found']);
        assert.equal((await signInAt(app)(ina, password)).status, 201);

        assert.deepEqual(await refusal(client.ask('of another year', '')), [
          'is not valid',
          "can't be blank",
        ]);
        await client.ask(await joinLink(), 'b@new.example');
        await client.accept(await linkTo(app, 'b@new.example'), { first_name: 'Bea', ...given });
        assert.equal((await signInAt(app)('b@new.example', password)).status, 201);
      },
    );
});
