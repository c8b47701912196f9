// The default organization, the identity hash, newsletter consent and the calendar token.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyStore, onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { brokenRules } from '../../support/read-answers.ts';
import { startAccount } from '../../support/start-account.ts';
import { serveStore, startApp } from '../../support/start-app.ts';

onEachEngine((engine) => {
  test('makes an organization of which the user is a member their default one', async (t) => {
    const { app, id, change, attributes } = await startAccount(t, engine);
    const acme = await app.createOrganization('Acme & Sons');
    await app.store.write((transaction) => setMember(transaction, acme, id, 'member', app.clock.now));
    const answer = await change({ default_organization_id: acme });
    assert.equal(answer.status, 200);
    const { default_organization_id, default_organization_slug } = answer.body.data.attributes;
    assert.deepEqual([default_organization_id, default_organization_slug], [acme, `${acme}-acme-sons`]);
    await change({ default_organization_id: null });
    const cleared = await attributes();
    assert.deepEqual([cleared.default_organization_id, cleared.default_organization_slug], [null, null]);
  });

  test('leaves the default organization as it was where another is named, and answers 200', async (t) => {
    const { app, id, change, attributes } = await startAccount(t, engine);
    const [mine, foreign] = [await app.createOrganization('Mine'), await app.createOrganization('Foreign')];
    await app.store.write((transaction) => setMember(transaction, mine, id, 'member', app.clock.now));
    await change({ default_organization_id: mine });
    const before = await attributes();
    app.clock.now += 60_000;
    for (const other of [foreign, 999, 0, -1, Number.MAX_SAFE_INTEGER]) {
      const answer = await change({ default_organization_id: other });
      assert.deepEqual([answer.status, answer.body.data.attributes], [200, before], String(other));
    }
    const answer = await change({ default_organization_id: foreign, first_name: 'Ann' });
    const { default_organization_id, first_name } = answer.body.data.attributes;
    assert.deepEqual([answer.status, default_organization_id, first_name], [200, mine, 'Ann']);
  });

  test('asks whether the user is a member, not whether the sysadmin who writes is', async (t) => {
    const { app, path, attributes } = await startAccount(t, engine);
    const acme = await app.createOrganization();
    const admin = await app.createUser({ sysadmin: true, organizationId: acme, role: 'owner' });
    const body = { data: { type: 'users', attributes: { default_organization_id: acme } } };
    assert.equal((await app.request('PATCH', path, { token: admin.token, body })).status, 200);
    assert.equal((await attributes()).default_organization_id, null);
  });

  test('refuses a default organization that is no integer', async (t) => {
    const { change } = await startAccount(t, engine);
    for (const value of ['1', '', 1.5, true, [], { id: 1 }]) {
      const rules = brokenRules(await change({ default_organization_id: value }));
      assert.deepEqual(rules, ['default_organization_id is not an integer'], JSON.stringify(value));
    }
  });

  const slugs: [name: string, slug: string][] = [
    ['organization', 'organization'],
    ['Organization 74', 'organization-74'],
    ['ACME', 'acme'],
    ['Acme  &  Sons', 'acme-sons'],
    ['a.b_c/d--e', 'a-b-c-d-e'],
    ['Žito d.o.o', 'žito-d-o-o'],
  ];

  test('writes the slug of an organization as its id and its name in lower case with hyphens', async (t) => {
    const app = await startApp(t, engine);
    for (const [name, slug] of slugs) {
      const organizationId = await app.createOrganization(name);
      const { id, token } = await app.createUser({ organizationId });
      const { body } = await app.request('GET', `/api/v2/users/${id}`, { token });
      assert.equal(body.data.attributes.default_organization_slug, `${organizationId}-${slug}`);
    }
  });

  test('writes intercom_hash as HMAC-SHA-256 of the id under the secret of the settings', async (t) => {
    const app = await startApp(t, engine, { intercomSecret: 'secret of the messenger' });
    const hashes = {
      1: 'd6d9382e976b3ab91265d0db30eb41c3eb2e7ff95e7e4df07ebce3c9c6b420ae',
      23: 'f72d869f0848bf33281c16e8349c6329b1c297a4f05d71659ed3175b2bff24d0',
    };
    for (const [id, hash] of Object.entries(hashes)) {
      const { token } = await app.createUser({ values: { id: Number(id) } });
      const { body } = await app.request('GET', `/api/v2/users/${id}`, { token });
      assert.equal(body.data.attributes.intercom_hash, hash);
    }
  });

  test('makes that secret itself where none is set, and keeps it over a restart', async (t) => {
    const store = await emptyStore(t, engine);
    const first = await serveStore(t, store);
    const { id, token } = await first.createUser();
    const path = `/api/v2/users/${id}?fields[users]=intercom_hash`;
    const before = (await first.request('GET', path, { token })).body.data.attributes.intercom_hash;
    assert.match(before, /^[0-9a-f]{64}$/);
    const second = await serveStore(t, store);
    assert.equal((await second.request('GET', path, { token })).body.data.attributes.intercom_hash, before);
    const elsewhere = await startAccount(t, engine);
    assert.equal(elsewhere.id, id);
    assert.notEqual((await elsewhere.attributes()).intercom_hash, before);
  });

  test('stamps the moment of newsletter consent, and forgets it when consent is taken back', async (t) => {
    const { app, change } = await startAccount(t, engine);
    const consent = async (attributes: object) => {
      app.clock.now += 60_000;
      const { newsletter_consent, newsletter_consent_at } = (await change({ ...attributes })).body.data
        .attributes;
      return [newsletter_consent, newsletter_consent_at];
    };
    assert.deepEqual(await consent({}), [false, null]);
    assert.deepEqual(await consent({ newsletter_consent: true }), [true, '2026-03-17T04:06:00.843+00:00']);
    assert.deepEqual(await consent({ newsletter_consent: true }), [true, '2026-03-17T04:06:00.843+00:00']);
    assert.deepEqual(await consent({ first_name: 'Ann' }), [true, '2026-03-17T04:06:00.843+00:00']);
    assert.deepEqual(await consent({ newsletter_consent: false }), [false, null]);
    assert.deepEqual(await consent({ newsletter_consent: true }), [true, '2026-03-17T04:10:00.843+00:00']);
  });

  test('lets nobody choose the moment of consent', async (t) => {
    const { change } = await startAccount(t, engine);
    const forged = { newsletter_consent_at: '2020-01-01T00:00:00.000+00:00' };
    const alone = await change(forged);
    assert.deepEqual([alone.status, alone.body.data.attributes.newsletter_consent_at], [200, null]);
    const beside = await change({ ...forged, newsletter_consent: true });
    assert.equal(beside.body.data.attributes.newsletter_consent_at, '2026-03-17T04:04:00.843+00:00');
    const cleared = await change({ newsletter_consent_at: null });
    assert.equal(cleared.body.data.attributes.newsletter_consent_at, '2026-03-17T04:04:00.843+00:00');
  });

  test('refuses consent that is neither true nor false', async (t) => {
    const { change, attributes } = await startAccount(t, engine);
    for (const value of ['true', 1, 0, '', [], {}]) {
      const rules = brokenRules(await change({ newsletter_consent: value }));
      assert.deepEqual(rules, ['newsletter_consent is not a boolean'], JSON.stringify(value));
    }
    assert.deepEqual(brokenRules(await change({ newsletter_consent: null })), [
      "newsletter_consent can't be blank",
    ]);
    assert.equal((await attributes()).newsletter_consent, false);
  });

  test('issues a fresh calendar token for any string, and never stores what was sent', async (t) => {
    const { app, change, attributes } = await startAccount(t, engine);
    assert.equal((await attributes()).ical_token, null);
    const issued = new Set<string>();
    let last = 'mine';
    for (const sent of ['mine', '', 'mine', 'x'.repeat(10_000), '42', 'the last one']) {
      const value = sent === 'the last one' ? last : sent;
      const answer = await change({ ical_token: value });
      assert.equal(answer.status, 200);
      last = answer.body.data.attributes.ical_token;
      // At least 128 random bits, as letters that a URL takes.
      assert.match(last, /^[\w-]{22,}$/);
      assert.notEqual(last, value);
      issued.add(last);
    }
    assert.equal(issued.size, 6);
    assert.equal((await attributes()).ical_token, last);
    await change({ first_name: 'Ann' });
    assert.equal((await attributes()).ical_token, last);
    const { token: foreign } = await app.createUser();
    assert.equal((await app.request('GET', '/api/v2/users', { token: foreign })).text.includes(last), false);
  });

  test('revokes the calendar token on null, and refuses what is neither', async (t) => {
    const { change, attributes } = await startAccount(t, engine);
    await change({ ical_token: 'new' });
    assert.equal((await change({ ical_token: null })).body.data.attributes.ical_token, null);
    for (const value of [1, true, {}, ['new']]) {
      const rules = brokenRules(await change({ ical_token: value }));
      assert.deepEqual(rules, ['ical_token is not a string'], JSON.stringify(value));
    }
    assert.equal((await attributes()).ical_token, null);
  });

  test('shows the calendar token to the user alone, and the identity hash to managers of users too', async (t) => {
    const { app, path, change } = await startAccount(t, engine);
    const mine = (await change({ ical_token: 'new' })).body.data.attributes;
    const seenBy = async (powers: readonly string[]) => {
      const { token } = await app.createUser({ sysadmin: powers });
      const { body } = await app.request('GET', path, { token });
      return [body.data.attributes.ical_token, body.data.attributes.intercom_hash];
    };
    assert.deepEqual(await seenBy(['manage_users']), [null, mine.intercom_hash]);
    assert.deepEqual(await seenBy(['manage_organizations', 'manage_security']), [null, null]);
    assert.deepEqual(await seenBy([]), [null, null]);
  });
});
