// B6, B7 and B8: preconditions of requests.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertError } from '../../support/assert-error.ts';
import { onEachEngine } from '../../support/engines.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';
import { startEmailChanges } from '../email-changes/start-email-changes.ts';

const stale = '"a version that never was"';

onEachEngine((engine) => {
  test('B6 lets exactly one of a hundred PATCHes with the same ETag through', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const etag = (await app.request('GET', path, { token })).headers.get('etag')!;
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        app.request('PATCH', path, {
          token,
          headers: { 'If-Match': etag },
          body: document({ first_name: `name ${i}` }),
        }),
      ),
    );
    const winners = answers.filter(({ status }) => status === 200);
    assert.equal(winners.length, 1);
    for (const answer of answers) if (answer !== winners[0]) assertError(answer, 412, 'precondition_failed');
    const after = await app.request('GET', path, { token });
    assert.equal(after.text, winners[0]!.text);
  });

  test('B6 compares If-Match strongly, in lists too, and takes * for any version', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const patch = (condition: string, first_name: string) =>
      app.request('PATCH', path, {
        token,
        headers: { 'If-Match': condition },
        body: document({ first_name }),
      });
    const first = (await app.request('GET', path, { token })).headers.get('etag')!;

    assertError(await patch(stale, 'a'), 412, 'precondition_failed');
    assertError(await patch(`W/${first}`, 'b'), 412, 'precondition_failed');
    // Also if nothing would change.
    assertError(await patch(stale, 'name'), 412, 'precondition_failed');
    assert.equal((await app.request('GET', path, { token })).body.data.attributes.first_name, 'name');

    const second = await patch(`${stale}, ${first}`, 'c');
    assert.equal(second.status, 200);
    assertError(await patch(first, 'd'), 412, 'precondition_failed');
    assert.equal((await patch(second.headers.get('etag')!, 'e')).status, 200);
    assert.equal((await patch('*', 'f')).status, 200);
    assert.equal((await app.request('GET', path, { token })).body.data.attributes.first_name, 'f');
  });

  test('B6 deletes nobody who has changed since, and changes no password', async (t) => {
    const app = await startApp(t, engine);
    const sysadmin = await app.createUser({ sysadmin: true });
    const user = await app.createUser({ password: 'password1234' });
    const path = `/api/v2/users/${user.id}`;
    const change = (headers: Record<string, string>) =>
      app.request('PATCH', `${path}/update_password`, {
        token: user.token,
        headers,
        body: document({ current_password: 'password1234', password: 'newpassword1234' }),
      });
    assertError(await change({ 'If-Match': stale }), 412, 'precondition_failed');
    // So the old password is still the current one.
    const own = (await app.request('GET', path, { token: user.token })).headers.get('etag')!;
    assert.equal((await change({ 'If-Match': own })).status, 200);

    const remove = (condition: string) =>
      app.request('DELETE', path, { token: sysadmin.token, headers: { 'If-Match': condition } });
    assertError(await remove(stale), 412, 'precondition_failed');
    const seen = await app.request('GET', path, { token: sysadmin.token });
    assert.equal(seen.status, 200);
    assert.equal((await remove(seen.headers.get('etag')!)).status, 204);
  });

  // RFC 9110 section 13.2.2: a false If-Match is 412, whatever the method.
  test('B6 answers a GET that names an older version with 412', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const etag = (await app.request('GET', path, { token })).headers.get('etag')!;
    const get = (condition: string) =>
      app.request('GET', path, { token, headers: { 'If-Match': condition } });
    assert.equal((await get(etag)).status, 200);
    assertError(await get(stale), 412, 'precondition_failed');
  });

  // RFC 9110 section 13.1.2: if the condition is false, 304 for GET and HEAD, 412 for all other methods.
  test('B6 changes nothing for a PATCH or DELETE whose If-None-Match names the current version', async (t) => {
    const app = await startApp(t, engine);
    const { token } = await app.createUser({ sysadmin: true });
    const { id } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const etag = (await app.request('GET', path, { token })).headers.get('etag')!;
    for (const condition of [etag, '*']) {
      const headers = { 'If-None-Match': condition };
      const patched = await app.request('PATCH', path, {
        token,
        headers,
        body: document({ first_name: 'A' }),
      });
      assertError(patched, 412, 'precondition_failed');
      assertError(await app.request('DELETE', path, { token, headers }), 412, 'precondition_failed');
    }
    assert.equal((await app.request('GET', path, { token })).headers.get('etag'), etag);
  });

  test('B6 uses no link up whose GET would now show something else', async (t) => {
    const { app, id, change, mail, undoOf } = await startEmailChanges(t, engine, { confirmEmail: 'true' });
    const { request } = app;
    const use = async (type: string, link: string, attributes = {}, token?: string) => {
      const path = `/api/v2/${type}/${link}`;
      const body = { data: { type, attributes } };
      const etag = (await request('GET', path)).headers.get('etag')!;
      for (const headers of [{ 'If-Match': stale }, { 'If-None-Match': '*' }, { 'If-None-Match': etag }])
        assertError(await request('PATCH', path, { token, headers, body }), 412, 'precondition_failed');
      const used = await request('PATCH', path, { token, headers: { 'If-Match': etag }, body });
      assert.equal(used.status, 204, used.text);
    };
    const asked = { data: { type: 'passwords', attributes: { email: 'a@email.com' } } };
    await request('POST', '/api/v2/passwords', { body: asked });
    const reset = (await mail('a@email.com', 'password_reset')).token!;
    await use('passwords', reset, { password: 'snow on the tin roof' });
    await change({ email: 'b@email.com' }, await app.createToken(id, { machine: false }));
    await use('email_confirmations', (await mail('b@email.com', 'email_confirmation')).token!);
    await use('email_undos', await undoOf('a@email.com'));
    const organization = await app.createOrganization();
    const owner = await app.createUser({ organizationId: organization, role: 'owner' });
    const linkFor = async (email: string) => {
      const invitation = {
        data: { type: 'invitations', attributes: { email, first_name: 'I', last_name: 'O' } },
      };
      const path = `/api/v2/organizations/${organization}/invitations`;
      await request('POST', path, { token: owner.token, body: invitation });
      return (await mail(email, 'invitation')).token!;
    };
    await use('invitations', await linkFor('ina@email.com'), { password: 'hail on the tin roof' });
    await use('invitations', await linkFor('a@email.com'), {}, await app.createToken(id, { machine: false }));
  });

  test('B7 tells of every ordinary failure before it looks at a stale If-Match', async (t) => {
    const app = await startApp(t, engine);
    const { member, admin, stranger } = await organizationOf(app);
    const path = `/api/v2/users/${member.id}`;
    const { token } = member;
    const headers = { 'If-Match': stale };
    const body = document({ first_name: 'Ann' });
    const patch = (options: object) => app.request('PATCH', path, { token, headers, body, ...options });

    assertError(await patch({ token: undefined }), 401, 'invalid_auth_token');
    assertError(await patch({ token: 'invalid' }), 401, 'invalid_auth_token');
    assertError(await patch({ token: stranger.token }), 404, 'record_not_found');
    assertError(await patch({ token: admin.token }), 403, 'access_denied');
    assertError(await patch({ headers: { ...headers, Accept: 'text/html' } }), 406, 'not_acceptable');
    const asText = { ...headers, 'Content-Type': 'text/plain' };
    assertError(await patch({ headers: asText }), 415, 'unsupported_media_type');
    assertError(await patch({ body: '{' }), 400, 'malformed_document');
    assertError(await patch({ body: document({}, '999999') }), 409, 'resource_conflict');
    assertError(await patch({ body: document({ first_name: ' ' }) }), 422, 'invalid_attribute');
    const filtered = await app.request('PATCH', `${path}?nope=1`, { token, headers, body });
    assertError(filtered, 400, 'unsupported_parameter');
    assertError(await app.request('PUT', path, { token, headers, body }), 405, 'method_not_allowed');
    assertError(await app.request('DELETE', path, { token, headers }), 403, 'access_denied');
    // The precondition is evaluated last: other errors come first.
    assertError(await patch({}), 412, 'precondition_failed');
  });

  test('B7 tells of a wrong password and of the last sysadmin before a stale If-Match', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true, password: 'password1234' });
    const headers = { 'If-Match': stale };
    const path = `/api/v2/users/${id}`;
    const change = (current_password: string, password: string) =>
      app.request('PATCH', `${path}/update_password`, {
        token,
        headers,
        body: document({ current_password, password }),
      });
    assertError(await change('wrong password', 'newpassword1234'), 422, 'invalid_attribute');
    assertError(await change('password1234', 'short'), 422, 'invalid_attribute');
    assertError(await app.request('DELETE', path, { token, headers }), 409, 'resource_conflict');
  });

  test('B8 asks no client for a precondition', async (t) => {
    const app = await startApp(t, engine);
    const sysadmin = await app.createUser({ sysadmin: true });
    const { id, token } = await app.createUser({ password: 'password1234' });
    const path = `/api/v2/users/${id}`;
    const renamed = await app.request('PATCH', path, { token, body: document({ first_name: 'Ann' }) });
    assert.equal(renamed.status, 200);
    assert.equal(renamed.body.data.attributes.first_name, 'Ann');
    const changed = await app.request('PATCH', `${path}/update_password`, {
      token,
      body: document({ current_password: 'password1234', password: 'newpassword1234' }),
    });
    assert.equal(changed.status, 200);
    assert.equal((await app.request('DELETE', path, { token: sysadmin.token })).status, 204);
  });
});

/** A member, an admin who can see but not change them, and a stranger who cannot see them. */
async function organizationOf(app: TestApp) {
  const organizationId = await app.createOrganization();
  return {
    member: await app.createUser({ organizationId }),
    admin: await app.createUser({ organizationId, role: 'admin' }),
    stranger: await app.createUser(),
  };
}
