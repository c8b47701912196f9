// Read-only tokens, with every route of the catalog.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from '../../../src/resources/catalog.ts';
import { onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import { startApp } from '../../support/start-app.ts';

/** Mails have links that write, so it is read with other tokens only. */
const mailboxPath = '/api/v2/mailbox';

const routes = catalog
  .filter(({ auth }) => auth !== 'none')
  .map(({ method, path, ...route }) => ({
    method,
    path: path.replaceAll(/\{\w+\}/g, '1'),
    reads: method === 'GET' || ('allowsReadOnlyTokens' in route && route.allowsReadOnlyTokens === true),
  }));

onEachEngine((engine) => {
  test('D5 a read-only token reads by every route, and all others are refused before their body is read', async (t) => {
    const app = await startApp(t, engine);
    const { id } = await app.createUser({ sysadmin: true });
    const token = await app.createToken(id, { readOnly: true });
    assert.ok(routes.filter(({ reads }) => !reads).length >= 8);
    const asked = routes.filter((route) => route.method === 'GET' || !route.reads);
    for (const { method, path, reads } of asked.filter(({ path }) => path !== mailboxPath)) {
      const answer = await app.request(method, path, { token, ...(method !== 'GET' && { body: '{' }) });
      if (reads) assert.notEqual(answer.status, 403, `${method} ${path}`);
      else assert.equal(outcome(answer), '403 read_only_token', `${method} ${path}`);
    }
    assert.equal(outcome(await app.request('GET', mailboxPath, { token })), '403 read_only_token');
  });

  test('a read-only token may HEAD and OPTIONS', async (t) => {
    const app = await startApp(t, engine);
    const { id } = await app.createUser();
    const token = await app.createToken(id, { readOnly: true, machine: false });
    for (const path of ['/api/v2/users', `/api/v2/users/${id}`]) {
      assert.equal((await app.request('HEAD', path, { token })).status, 200);
      assert.equal((await app.request('OPTIONS', path, { token })).status, 204);
    }
  });
});
