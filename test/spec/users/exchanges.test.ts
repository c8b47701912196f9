// The documented exchanges, as data, replayed over a real socket against accounts for which the documented answer is the
// right one. The identity-verification secret of the documentation is not known, so intercom_hash is compared by its
// form, and everything else to the letter.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { insertOrganization } from '../../../src/resources/organizations/insert-organization.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { startApp, type TestApp } from '../../support/start-app.ts';

interface Exchange {
  readonly title: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly body?: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: any;
  };
}

const file = new URL('./users.exchanges.json', import.meta.url);
const exchanges: readonly Exchange[] = JSON.parse(readFileSync(file, 'utf8')).exchanges;

onEachEngine((engine) => {
  for (const exchange of exchanges) {
    test(`the documented exchange "${exchange.title}"`, async (t) => {
      const app = await preparedApp(t, engine, exchange);
      const { method, path, headers, body } = exchange.request;
      const token = await app.createToken(callerOf(exchange));
      const answer = await app.request(method, path, {
        token,
        headers,
        ...(body !== undefined && { body }),
      });

      assert.equal(answer.status, exchange.response.status);
      assert.equal(answer.headers.get('content-type'), exchange.response.headers['Content-Type']);
      // Compared as text, so that the order of keys matters.
      assert.equal(withoutHashes(answer.text), withoutHashes(JSON.stringify(exchange.response.body)));
    });
  }

  test('the password of the documented exchange can be changed twice, and the first is gone', async (t) => {
    const exchange = exchanges.find(({ title }) => title === 'updates password')!;
    const app = await preparedApp(t, engine, exchange);
    const token = await app.createToken(131);
    const change = (current_password: string, password: string) =>
      app.request('PATCH', '/api/v2/users/131/update_password', {
        token,
        body: { data: { type: 'users', attributes: { current_password, password } } },
      });
    assert.equal((await change('password1234', 'newpassword1234')).status, 200);
    assert.equal((await change('password1234', 'another password')).status, 422);
    assert.equal((await change('newpassword1234', 'another password')).status, 200);
  });
});

function withoutHashes(text: string): string {
  return text.replaceAll(/"intercom_hash":"[0-9a-f]{64}"/g, '"intercom_hash":"(64 hex digits)"');
}

/** The account of the exchange, or any account if it has none. */
function callerOf({ request }: Exchange): number {
  const id = Number(/users\/(\d+)/.exec(request.path)?.[1] ?? 124);
  return id === 128 ? 127 : id;
}

async function preparedApp(t: TestContext, engine: EngineName, exchange: Exchange): Promise<TestApp> {
  const app = await startApp(t, engine, {
    publicUrl: 'http://api-test.productive.io',
    timeZone: 'Europe/Zagreb',
  });
  const id = callerOf(exchange);
  const { data } = exchange.response.body;
  const attributes = (Array.isArray(data) ? data[0] : data)?.attributes;
  const organizationId: number = attributes?.default_organization_id ?? id - 50;
  if (attributes) app.clock.now = Date.parse(attributes.updated_at);

  await app.store.write(async (transaction) => {
    await insertOrganization(
      transaction,
      { name: `organization${organizationId}`, id: organizationId },
      app.clock.now,
    );
  });
  await app.createUser({
    email: `user${id}@email.com`,
    organizationId,
    password: 'password1234',
    values: { id },
  });
  return app;
}
