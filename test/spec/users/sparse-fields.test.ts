// fields[users] and include: sections A11 and A12 of the standards checklist.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import { document, startApp } from '../../support/start-app.ts';

const names = [
  'updated_at',
  'email',
  'first_name',
  'last_name',
  'time_zone',
  'avatar_url',
  'default_organization_id',
  'default_organization_slug',
  'intercom_hash',
  'flags',
  'newsletter_consent',
  'newsletter_consent_at',
  'ical_token',
  'preferences',
  'sysadmin',
  'sysadmin_permissions',
  'two_factor_auth',
  'sso_provision',
  'account_access_expires_at',
  'locale',
];

onEachEngine((engine) => {
  test('A11 writes the attributes that fields[users] names and no other, in their usual order', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ email: 'ann@email.com', values: { first_name: 'Ann' } });
    const written: [fields: string, attributes: object][] = [
      ['first_name', { first_name: 'Ann' }],
      ['email,first_name', { email: 'ann@email.com', first_name: 'Ann' }],
      ['first_name,email', { email: 'ann@email.com', first_name: 'Ann' }],
      ['locale,locale', { locale: 'en_US' }],
      ['', {}],
    ];
    for (const [fields, attributes] of written) {
      const resource = { id: String(id), type: 'users', attributes };
      const query = `fields[users]=${fields}`;
      const one = await app.request('GET', `/api/v2/users/${id}?${query}`, { token });
      assert.equal(one.text, JSON.stringify({ data: resource, meta: {} }));
      const list = await app.request('GET', `/api/v2/users?${query}`, { token });
      assert.equal(JSON.stringify(list.body.data), JSON.stringify([resource]));
      const byCursor = await app.request('GET', `/api/v2/users?${query}&page[after]=`, { token });
      assert.equal(JSON.stringify(byCursor.body.data), JSON.stringify([resource]));
    }
  });

  test('A11 can be asked for each attribute alone, and for all of them', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}`;
    const whole = await app.request('GET', path, { token });
    assert.deepEqual(Object.keys(whole.body.data.attributes), names);
    for (const name of names) {
      const { body } = await app.request('GET', `${path}?fields[users]=${name}`, { token });
      assert.deepEqual(body.data.attributes, { [name]: whole.body.data.attributes[name] });
    }
    const all = await app.request('GET', `${path}?fields[users]=${names.toReversed().join()}`, { token });
    assert.equal(all.text, whole.text);
  });

  test('A11 holds for the answers of PATCH and POST too', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const fields = 'fields[users]=last_name';
    const changed = await app.request('PATCH', `/api/v2/users/${id}?${fields}`, {
      token,
      body: document({ first_name: 'Ann', last_name: 'Lee' }),
    });
    assert.deepEqual(changed.body.data.attributes, { last_name: 'Lee' });
    const made = await app.request('POST', `/api/v2/users?${fields}`, {
      token,
      body: document({ email: 'new@email.com', first_name: 'New', last_name: 'User' }),
    });
    assert.deepEqual([made.status, made.body.data.attributes], [201, { last_name: 'User' }]);
  });

  test('A11 refuses the name of an attribute or a type that does not exist', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const refused = [
      'fields[users]=nope',
      'fields[users]=first_name,nope',
      'fields[users]=first_name,',
      'fields[users]=id',
      'fields[users]=First_name',
      'fields[users]=toString',
      'fields[users]=password',
      'fields[people]=first_name',
      'fields[]=first_name',
      'fields[users][x]=first_name',
      'fields=first_name',
    ];
    for (const query of refused) {
      for (const path of ['/api/v2/users', `/api/v2/users/${id}`]) {
        const answer = await app.request('GET', `${path}?${query}`, { token });
        assert.equal(outcome(answer), '400 unsupported_parameter', query);
        assert.deepEqual(answer.body.errors[0].source, { parameter: query.split('=')[0] });
      }
    }
  });

  test('A11 refuses an unknown field before it changes anything', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ sysadmin: true });
    const path = `/api/v2/users/${id}`;
    const before = await app.request('GET', '/api/v2/users', { token });
    const body = document({ email: 'new@email.com', first_name: 'New', last_name: 'User' });
    for (const [method, url] of [
      ['PATCH', path],
      ['POST', '/api/v2/users'],
      ['DELETE', path],
    ] as const) {
      const options = { token, ...(method !== 'DELETE' && { body }) };
      const answer = await app.request(method, `${url}?fields[users]=nope`, options);
      assert.equal(outcome(answer), '400 unsupported_parameter', method);
    }
    assert.equal((await app.request('GET', '/api/v2/users', { token })).text, before.text);
  });

  test('A12 refuses include, for there is nothing to include', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    for (const path of ['/api/v2/users', `/api/v2/users/${id}`]) {
      for (const query of ['include=nope', 'include=', 'include=default_organization']) {
        const answer = await app.request('GET', `${path}?${query}`, { token });
        assert.equal(answer.status, 400);
        assert.deepEqual(answer.body.errors, [
          {
            status: '400',
            code: 'unsupported_parameter',
            title: 'Unsupported Parameter',
            detail: "Parameter 'include' is not supported on this endpoint",
            meta: {},
            source: { parameter: 'include' },
          },
        ]);
      }
    }
  });

  test('A12 writes no included, since nothing can be asked for', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const { body } = await app.request('GET', `/api/v2/users/${id}`, { token });
    assert.equal('included' in body, false);
  });
});
