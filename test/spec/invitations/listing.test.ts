// The list of an organization's invitations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { insertInvitation } from '../../support/invitations.ts';
import { ids, values, walk } from '../../support/read-answers.ts';
import { startInvitations } from './start-invitations.ts';

onEachEngine((engine) => {
  test('it is filtered, sorted, searched and paged, with totals and cursors', async (t) => {
    const { app, acme, elsewhere, path, admin, owner, invited } = await startInvitations(t, engine);
    const made = [];
    for (const [email, role, first_name] of [
      ['zoe@new.example', 'member', 'Zoe'],
      ['Ann@new.example', 'admin', 'Ann'],
      ['bea@new.example', 'member', 'Bea'],
    ] as const) {
      app.clock.now += 1000;
      made.push((await insertInvitation(app, acme, email, { role, first_name })).id);
    }
    await insertInvitation(app, elsewhere, 'zoe@new.example');
    app.clock.now += 1000;
    const mine = await invited('mine@new.example', { first_name: 'Mine' }, admin);
    const [zoe, ann, bea] = made;
    const list = (query: string) => app.request('GET', `${path}?${query}`, owner);
    const found: Readonly<Record<string, (number | undefined)[]>> = {
      '': [...made, mine.id],
      'filter[role]=admin': [ann],
      'filter[email]=ANN@new.example': [ann],
      'filter[email][contains]=be': [bea],
      'filter[query]=zoe new': [zoe],
      [`filter[inviter_id]=${admin.id}`]: [mine.id],
      [`filter[person_id]=${mine.person_id}`]: [mine.id],
      'sort=email': [ann, bea, mine.id, zoe],
      'sort=-first_name': [zoe, mine.id, bea, ann],
      'sort=-created_at&page[size]=2': [mine.id, bea],
      'sort=token_expires_at&page[size]=1': [zoe],
    };
    for (const [query, expected] of Object.entries(found))
      assert.deepEqual(ids(await list(query)), expected, query);
    assert.equal((await list('page[size]=1')).body.meta.total_count, 4);
    const pages = await walk(app, `${path}?sort=email&page[after]=&page[size]=1`, owner.token);
    assert.deepEqual(pages.flatMap(ids), [ann, bea, mine.id, zoe]);
  });

  test('it includes the organization, the inviter and the person, as far as the reader sees them', async (t) => {
    const { app, acme, path, admin, owner, sysadmin, invited } = await startInvitations(t, engine);
    const byAdmin = await invited('ina@new.example', {}, admin);
    // A sysadmin who is no member.
    await invited('ida@new.example', {}, sysadmin);
    const { body } = await app.request(
      'GET',
      `${path}?include=organization,inviter,person&fields[users]=first_name&fields[people]=email`,
      owner,
    );
    assert.deepEqual(
      body.data.map(({ relationships }: any) => relationships.inviter.data?.id ?? null),
      [String(admin.id), null],
    );
    assert.equal(body.data[0].relationships.person.data.id, String(byAdmin.person_id));
    assert.deepEqual(body.included.map(({ type }: any) => type).sort(), [
      ...['organizations', 'people', 'people', 'users'],
    ]);
    assert.equal(body.included.find(({ type }: any) => type === 'organizations').id, String(acme));
  });

  test('its tag changes with every invitation, and with one that is sent again', async (t) => {
    const { app, path, owner, invited, act } = await startInvitations(t, engine);
    const tag = async () => (await app.request('GET', path, owner)).headers.get('etag');
    const tags = [await tag()];
    const invitation = await invited('ina@new.example');
    tags.push(await tag());
    app.clock.now += 1000;
    await act('PUT', invitation, '/resend');
    tags.push(await tag());
    assert.deepEqual(values(await app.request('GET', path, owner), 'updated_at').length, 1);
    await act('DELETE', invitation);
    tags.push(await tag());
    assert.equal(new Set(tags).size, 4);
  });
});
