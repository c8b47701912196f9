// Two instances have people and memberships in memory. After each change by one of them, both answer as an instance
// does that has just started.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type EngineName, emptyDatabase, onEachEngine } from '../../support/engines.ts';
import { type Answer, serveStore, type TestApp } from '../../support/start-app.ts';
import { type Account, documentOf, join, membershipsPath, peoplePath, usersPath } from './start-people.ts';

interface Asked {
  readonly who: Account;
  readonly path: string;
}

async function start(t: TestContext, engine: EngineName) {
  const settings = { publicUrl: 'https://accounts.example' };
  const open = await emptyDatabase(t, engine, { workers: 3 });
  const clock = { now: Date.parse('2026-03-17T04:04:00.843Z') };
  const serve = async () => serveStore(t, await open(), settings, { clock });
  const app = await serve();
  const apps = [app, await serve()] as const;
  const [acme, elsewhere] = [await app.createOrganization('Acme'), await app.createOrganization('Elsewhere')];
  const sysadmin = await app.createUser({ sysadmin: true });
  const owner = await app.createUser({ organizationId: acme, role: 'owner', values: { first_name: 'Ola' } });
  const mia = await app.createUser({ organizationId: acme, values: { first_name: 'Mia' } });
  const person = await join(app, elsewhere, mia.id);
  const send = async (method: string, path: string, type = '', attributes: object | null = null) => {
    const body = attributes !== null && { body: documentOf(type, attributes) };
    const answer = await apps[1].request(method, path, { token: sysadmin.token, ...body });
    assert.ok(answer.status < 300, answer.text);
  };
  const membership = `${membershipsPath}/${await app.store.read.memberships.idOf(acme, mia.id)}`;
  const asked: Asked[] = [
    ...[sysadmin, owner, mia].flatMap((who) =>
      [
        peoplePath,
        `${peoplePath}?include=organization,user`,
        `${peoplePath}?filter[query]=mia`,
        `${peoplePath}?filter[role]=member&page[size]=1&page[number]=2`,
        `${peoplePath}?sort=-first_name&page[after]=&page[size]=2`,
        `${membershipsPath}?include=person,organization&fields[people]=first_name,role,deactivated_at`,
      ].map((path) => ({ who, path })),
    ),
    { who: sysadmin, path: `${peoplePath}/${person}?include=user` },
    {
      who: owner,
      path: `/api/v2/organizations/${acme}/organization_memberships?include=person.organization`,
    },
  ];
  return { app, apps, clock, acme, elsewhere, mia, membership, send, asked, serve };
}

const ask = (app: TestApp, { who, path }: Asked, etag?: string): Promise<Answer> =>
  app.request('GET', path, {
    token: who.token,
    ...(etag !== undefined && { headers: { 'If-None-Match': etag } }),
  });

const nameOf = ({ who, path }: Asked) => `${path} by ${who.id}`;

onEachEngine((engine) => {
  test('people and memberships are never stale, whatever changes what they show', async (t) => {
    const { app, apps, clock, acme, elsewhere, mia, membership, send, asked, serve } = await start(t, engine);
    /** Each instance has everything in memory after this. */
    const remember = async () => {
      const known = new Map<string, Answer>();
      for (const one of asked)
        for (const instance of [...apps, ...apps]) known.set(nameOf(one), await ask(instance, one));
      return known;
    };
    const changes: Readonly<Record<string, () => Promise<unknown>>> = {
      'an account is renamed': () => send('PATCH', `${usersPath}/${mia.id}`, 'users', { first_name: 'Maya' }),
      'an organization is renamed': () =>
        send('PATCH', `/api/v2/organizations/${acme}`, 'organizations', { name: 'Kolibri' }),
      'a role changes': () => send('PATCH', membership, 'organization_memberships', { role: 'admin' }),
      'an end is set': () =>
        send('PATCH', membership, 'organization_memberships', {
          expires_at: new Date(clock.now + 1000).toISOString(),
        }),
      'the end passes': async () => {
        clock.now += 1000;
      },
      'the membership is extended': () =>
        send('PATCH', membership, 'organization_memberships', { expires_at: null }),
      'a member leaves': () => send('DELETE', membership),
      'the member comes back': () =>
        send('POST', membershipsPath, 'organization_memberships', {
          organization_id: String(acme),
          user_id: String(mia.id),
        }),
      'an organization is deleted': () => send('DELETE', `/api/v2/organizations/${elsewhere}`),
      'an account is deleted': () => send('DELETE', `${usersPath}/${mia.id}`),
    };
    for (const [what, change] of Object.entries(changes)) {
      const known = await remember();
      await change();
      const fresh = await serve();
      let changed = 0;
      for (const one of asked) {
        const before = known.get(nameOf(one))!;
        const expected = await ask(fresh, one);
        for (const instance of apps) {
          const answer = await ask(instance, one, before.headers.get('etag') ?? undefined);
          const shown = answer.status === 304 ? before : answer;
          assert.equal(shown.text, expected.text, `${what}: ${nameOf(one)}`);
          assert.equal(shown.status, expected.status, `${what}: ${nameOf(one)}`);
        }
        if (before.text !== expected.text) changed++;
      }
      assert.ok(changed > 2, what);
      await fresh.close();
    }
    assert.equal((await app.store.read.memberships.listAllOf([mia.id])).length, 0);
  });
});
