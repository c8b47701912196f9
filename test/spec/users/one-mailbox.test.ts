// One account for each mailbox, in whatever form the domain of an email is written; and names in any Unicode form.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules, ids, outcome } from '../../support/read-answers.ts';
import { startAccount } from '../../support/start-account.ts';
import { document, startApp } from '../../support/start-app.ts';

/** Different ways to write the same address. */
const forms = [
  'ann@müller.example',
  'ANN@MÜLLER.EXAMPLE',
  'ann@xn--mller-kva.example',
  'Ann@XN--MLLER-KVA.Example',
  'ann@mu\u0308ller.example',
  'ann@ｍüller。ｅｘａｍｐｌｅ',
];

onEachEngine((engine) => {
  test('refuses an email that somebody has, whichever way its domain is written', async (t) => {
    const { app, token, change } = await startAccount(t, engine, { sysadmin: true, email: 'root@email.com' });
    for (const kept of forms) {
      const { id } = await app.createUser({ email: kept });
      for (const other of forms) {
        assert.deepEqual(
          brokenRules(await change({ email: other })),
          ['email has already been taken'],
          other,
        );
        const body = document({ email: other, first_name: 'Ann', last_name: 'Lee' });
        const made = await app.request('POST', '/api/v2/users', { token, body });
        assert.deepEqual(brokenRules(made), ['email has already been taken'], other);
      }
      await app.request('DELETE', `/api/v2/users/${id}`, { token });
    }
  });

  test('of two requests for one mailbox at once, one gets it', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    const answers = await Promise.all(
      forms.map((email) =>
        app.request('POST', '/api/v2/users', {
          token,
          body: document({ email, first_name: 'Ann', last_name: 'Lee' }),
        }),
      ),
    );
    const outcomes = answers.map(outcome).sort();
    assert.deepEqual(outcomes, ['201', ...Array(forms.length - 1).fill('422 invalid_attribute')]);
  });

  test('keeps an email as it was written, in NFC, and lets its owner write it in another way', async (t) => {
    const { change, attributes } = await startAccount(t, engine, { email: 'ann@email.com' });
    for (const form of [...forms, 'ann@email.com']) {
      assert.deepEqual(brokenRules(await change({ email: form })), [], form);
      assert.equal((await attributes()).email, form.normalize('NFC'));
    }
  });

  test('finds an account by its email in any form, and by a part of it', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    for (const kept of forms) {
      const { id } = await app.createUser({ email: kept });
      const queries = [
        ...forms.map((form) => `filter[email]=${encodeURIComponent(form)}`),
        ...forms.map((form) => `filter[email][]=${encodeURIComponent(form)}`),
        ...forms.map((form) => `filter[email][contains]=${encodeURIComponent(form)}`),
        ...forms.map((form) => `filter[query]=${encodeURIComponent(form)}`),
        'filter[email][contains]=MÜLL',
        'filter[email][contains]=xn--mller-kva',
        'filter[email][contains]=@xn--mller-kva.ex',
        'filter[query]=müller ann',
        'filter[query]=xn--mller-kva',
      ];
      for (const query of queries)
        assert.deepEqual(ids(await app.request('GET', `/api/v2/users?${query}`, { token })), [id], query);
      for (const form of forms) {
        const query = `filter[email][not_eq]=${encodeURIComponent(form)}`;
        assert.deepEqual(ids(await app.request('GET', `/api/v2/users?${query}`, { token })), [1], query);
      }
      await app.request('DELETE', `/api/v2/users/${id}`, { token });
    }
  });

  test('keeps names in NFC, and finds them by either form', async (t) => {
    const { app, token, change, attributes } = await startAccount(t, engine);
    const [composed, decomposed] = ['Žofié', 'Žofié'.normalize('NFD')];
    const [before] = [await change({ first_name: decomposed })];
    assert.equal((await attributes()).first_name, composed);
    assert.equal((await change({ first_name: composed })).text, before.text);
    assert.equal((await change({ first_name: decomposed })).text, before.text);
    for (const name of [composed, decomposed]) {
      for (const filter of ['first_name]', 'first_name][contains]', 'query]']) {
        const path = `/api/v2/users?filter[${filter}=${encodeURIComponent(name)}`;
        assert.equal(ids(await app.request('GET', path, { token })).length, 1, path);
      }
    }
  });

  test('counts the characters of a name as it is kept', async (t) => {
    const { change, attributes } = await startAccount(t, engine);
    assert.deepEqual(brokenRules(await change({ first_name: 'e\u0301'.repeat(255) })), []);
    assert.equal((await attributes()).first_name, 'é'.repeat(255));
    const tooLong = ['first_name is too long (maximum is 255 characters)'];
    assert.deepEqual(brokenRules(await change({ first_name: 'e\u0301'.repeat(256) })), tooLong);
  });

  test('takes back an email and a name that newer rules would refuse, where they are stored', async (t) => {
    const app = await startApp(t, engine);
    const stored = { email: 'a\u200fnn@xn--garbage-.com', first_name: 'An\u0007n', last_name: '\u3164' };
    const { id, token } = await app.createUser({ email: stored.email, values: stored });
    const patch = (attributes: Record<string, unknown>) =>
      app.request('PATCH', `/api/v2/users/${id}`, { token, body: document(attributes) });
    const changed = await patch({ ...stored, time_zone: 'UTC' });
    assert.equal(changed.status, 200, changed.text);
    const { email, first_name, last_name, time_zone } = changed.body.data.attributes;
    assert.deepEqual({ email, first_name, last_name, time_zone }, { ...stored, time_zone: 'UTC' });
    const refused = await patch({ ...stored, first_name: 'An\u0007na' });
    assert.deepEqual(brokenRules(refused), ['first_name contains characters that are not allowed']);
  });
});
