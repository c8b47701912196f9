// E5, like Jepsen's clock faults: the clock is set back an hour, and ahead an hour.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { onEachEngine } from '../support/engines.ts';
import { outcome } from '../support/read-answers.ts';
import { startAccount } from '../support/start-account.ts';
import { document, startApp } from '../support/start-app.ts';

const second = 1000;
const hour = 3600 * second;

describe('a clock that jumps', () => {
  onEachEngine((engine) => {
    test('E5 revives no token that has expired, and no account whose access has', async (t) => {
      const app = await startApp(t, engine);
      const ann = await app.createUser();
      const expiresAt = app.clock.now + 60 * second;
      const values = { account_access_expires_at: expiresAt };
      const tokens = [
        await app.createToken(ann.id, { expiresAt }),
        await app.createToken(ann.id, { expiresAt, machine: false }),
        (await app.createUser({ values })).token,
      ];
      const statuses = async () =>
        Promise.all(
          tokens.map(async (token) => (await app.request('GET', '/api/v2/users', { token })).status),
        );
      const start = app.clock.now;
      assert.deepEqual(await statuses(), [200, 200, 200]);
      // Tokens and accounts are refused while the clock is at or after their end, in whatever order it got there.
      for (const now of [start + 3 * hour, start + 2 * hour, start + hour, expiresAt, start + 2 * hour]) {
        app.clock.now = now;
        assert.deepEqual(await statuses(), [401, 401, 401], String(now - start));
        assert.equal((await app.request('GET', '/api/v2/users', { token: ann.token })).status, 200);
      }
    });

    test('E5 revives no token that was revoked', async (t) => {
      const { app, id, token } = await startAccount(t, engine);
      const [made] = await app.store.read.sessions.list(id);
      await app.store.write((transaction) => transaction.sessions.end(made!.id));
      for (const step of [0, -hour, 2 * hour]) {
        app.clock.now += step;
        assert.equal((await app.request('GET', '/api/v2/users', { token })).status, 401);
      }
    });

    test('E5 gives every change another ETag and a later updated_at', async (t) => {
      const { app, path, token, change } = await startAccount(t, engine);
      const tags = new Set<string | null>();
      const listTags = new Set<string | null>();
      const times: number[] = [];
      const steps = [0, -hour, 0, 2 * hour, -hour, -1, 1, -hour, hour];
      for (const [i, step] of steps.entries()) {
        app.clock.now += step;
        // Alternates between two values, so that only the revision distinguishes the states.
        const changed = await change({ first_name: i % 2 === 0 ? 'one' : 'other' });
        assert.equal(changed.status, 200);
        const read = await app.request('GET', path, { token });
        assert.equal(read.headers.get('etag'), changed.headers.get('etag'));
        const list = await app.request('GET', '/api/v2/users', { token });
        tags.add(read.headers.get('etag'));
        listTags.add(list.headers.get('etag'));
        times.push(Date.parse(read.body.data.attributes.updated_at));
        for (const stale of [...tags].slice(0, -1)) {
          const headers = { 'If-None-Match': stale! };
          assert.equal((await app.request('GET', path, { token, headers })).status, 200);
        }
      }
      assert.equal(tags.size, steps.length);
      assert.equal(listTags.size, steps.length);
      for (const [i, time] of times.entries()) if (i > 0) assert.ok(time > times[i - 1]!, `change ${i}`);
    });

    test('E5 forgives no request over the limit', async (t) => {
      const { app, token } = await startAccount(t, engine, {}, { rateLimit: '5' });
      const get = async () => outcome(await app.request('GET', '/api/v2/users', { token }));
      const answers: string[] = [];
      for (const step of [0, hour, -hour, -hour, hour, 0, 0]) {
        app.clock.now += step;
        answers.push(await get());
      }
      const refused = '429 too_many_requests';
      assert.deepEqual(answers, ['200', '200', '200', '200', '200', refused, refused]);
    });

    test('E5 keeps nobody from their password for longer than it tells them', async (t) => {
      const { app, path, token } = await startAccount(t, engine, { password: 'a password of hers' });
      const attempt = (current_password: string) =>
        app.request('PATCH', `${path}/update_password`, {
          token,
          body: document({ current_password, password: 'a new password of hers' }),
        });
      let answer = await attempt('wrong');
      for (let i = 0; answer.status === 422; i++) {
        assert.ok(i < 20, 'attempts are never slowed');
        answer = await attempt('wrong');
      }
      const told = Number(answer.headers.get('retry-after'));
      assert.equal(answer.status, 429);
      app.clock.now -= hour;
      answer = await attempt('a password of hers');
      assert.equal(answer.status, 429);
      assert.ok(Number(answer.headers.get('retry-after')) <= told);
      app.clock.now += told * second;
      answer = await attempt('a password of hers');
      assert.equal(answer.status, 200, answer.text);
    });
  });
});
