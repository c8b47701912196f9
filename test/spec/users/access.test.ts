// The order of checks, and powers that have no effect. Who may do what to whom is in the access matrix.

import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { document, startApp } from '../../support/start-app.ts';

onEachEngine((engine) => {
  test('D5 a caller who may not is refused before the body is looked at', async (t) => {
    const app = await startApp(t, engine);
    const organizationId = await app.createOrganization('home');
    const { id, token } = await app.createUser({ organizationId, role: 'owner' });
    const fellow = await app.createUser({ organizationId });
    for (const body of ['{', '[]', { data: { type: 'people' } }, document({ nonsense: 1 })]) {
      assertError(await app.request('POST', '/api/v2/users', { token, body }), 403, 'access_denied');
      for (const path of ['', '/update_password'])
        assertError(
          await app.request('PATCH', `/api/v2/users/${fellow.id}${path}`, { token, body }),
          403,
          'access_denied',
        );
    }
    assertError(await app.request('PATCH', `/api/v2/users/${id}`, { body: '{' }), 401, 'invalid_auth_token');
  });
});
