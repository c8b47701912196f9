// What a session shows of its activity, and under which tags.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { startSessions } from './start-sessions.ts';

const minute = 60_000;

onEachEngine((engine) => {
  test('the stored times are shown: a tag lasts for the minute, and changes with what was written', async (t) => {
    const app = await startSessions(t, engine);
    const { id: userId } = await app.createUser();
    const { token } = await app.session(userId);
    const paths = ['/api/v2/sessions/current', '/api/v2/sessions'];
    const read = (headers = {}) =>
      Promise.all(paths.map((path) => app.request('GET', path, { token, headers })));
    /** The statuses of what was read before, asked with its tags. */
    const again = async (answers: Awaited<ReturnType<typeof read>>) =>
      Promise.all(
        answers.map(async ({ headers }, i) => {
          const asked = { token, headers: { 'If-None-Match': headers.get('etag')! } };
          return (await app.request('GET', paths[i]!, asked)).status;
        }),
      );
    const shown = (answers: Awaited<ReturnType<typeof read>>) =>
      answers.map(({ body }) => {
        const { attributes } = [body.data].flat().at(-1);
        return [attributes.last_activity_at, attributes.last_ip];
      });

    const before = await read();
    for (const ms of [0, 20_000, 39_999]) {
      app.clock.now += ms;
      assert.deepEqual(await again(before), [304, 304]);
      await app.flushActivity();
    }
    app.clock.now++;
    const at = new Date(app.clock.now).toISOString().replace('Z', '+00:00');
    // Collected from this request, and not yet written.
    assert.deepEqual(await again(before), [304, 304]);
    await app.flushActivity();
    assert.deepEqual(await again(before), [200, 200]);
    const after = await read();
    assert.deepEqual(shown(after), [
      [at, '127.0.0.1'],
      [at, '127.0.0.1'],
    ]);
    app.clock.now += minute - 1;
    await app.flushActivity();
    assert.deepEqual(await again(after), [304, 304]);
  });
});
