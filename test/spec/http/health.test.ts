// Health checks for supervisors and load balancers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { contentType, startApp } from '../../support/start-app.ts';

onEachEngine((engine) => {
  test('tells whoever asks that it lives and that it is ready, without a token', async (t) => {
    const app = await startApp(t, engine);
    for (const state of ['live', 'ready']) {
      const answer = await app.request('GET', `/health/${state}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), contentType);
      assert.equal(answer.text, `{"meta":{"status":"${state}"}}`);
    }
    assertError(await app.request('GET', '/health'), 404, 'record_not_found');
    assertError(await app.request('GET', '/health/other'), 404, 'record_not_found');
  });
});
