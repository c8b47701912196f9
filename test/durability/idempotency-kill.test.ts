// E1, B16: a client that does not know the result of its POST retries it, and gets one record.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { urlOf } from '../support/database-rows.ts';
import { emptyDatabaseConfig, onEachEngine } from '../support/engines.ts';
import { spawnMuster } from '../support/spawn-muster.ts';
import { document, send } from '../support/start-app.ts';

const token = 'a-token-of-the-first-account-with-32-characters';
const rounds = 3;
const clients = 8;

onEachEngine((engine) => {
  test('B16 creates one record of a POST that is sent again after a kill', {
    timeout: 300_000,
  }, async (t) => {
    const env = {
      MUSTER_DATABASE_URL: urlOf(await emptyDatabaseConfig(t, engine)),
      MUSTER_BOOTSTRAP_TOKEN: token,
      MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
      MUSTER_RATE_LIMIT: '0',
    };
    /** Ids in responses, by Idempotency-Key; null if there was no response. */
    const sent = new Map<string, string | null>();
    const post = (url: string, key: string) =>
      send(url, 'POST', '/api/v2/users', {
        token,
        body: document({ email: `${key}@email.com`, first_name: 'Ann', last_name: 'Lee' }),
        headers: { 'Idempotency-Key': key },
      });

    for (let round = 0; round < rounds; round++) {
      const muster = await spawnMuster(t, { env });
      const loaded = Promise.withResolvers<void>();
      let answers = 0;
      const client = async (name: string) => {
        for (let i = 0; ; i++) {
          const key = `${name}-${i}`;
          sent.set(key, null);
          const answer = await post(muster.url, key).catch(() => null);
          if (answer === null) return;
          assert.equal(answer.status, 201, answer.text);
          sent.set(key, answer.body.data.id);
          if (++answers === 2 * clients) loaded.resolve();
        }
      };
      const all = Promise.all(Array.from({ length: clients }, (_, i) => client(`${round}-${i}`)));
      await Promise.race([loaded.promise, all]);
      await muster.stop('SIGKILL');
      await all;
    }

    const { url } = await spawnMuster(t, { env });
    assert.ok([...sent.values()].some((id) => id === null));
    const made = new Set<string>();
    for (const [key, id] of sent) {
      const answer = await post(url, key);
      assert.equal(answer.status, 201, answer.text);
      if (id !== null) assert.equal(answer.body.data.id, id);
      made.add(answer.body.data.id);
    }
    assert.equal(made.size, sent.size);
    const list = await send(url, 'GET', '/api/v2/users', { token });
    assert.equal(list.body.meta.total_count, sent.size + 1);
  });
});
