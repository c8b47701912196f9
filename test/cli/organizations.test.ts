// The commands for organizations: the operations of the API, with all rights.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';
import { spawnMuster } from '../support/spawn-muster.ts';

const timeout = 180_000;

onEachEngine((engine) => {
  test('an organization is renamed, changed, shown and deleted, while the service runs', {
    timeout,
  }, async (t) => {
    const { run, json, fail, env } = await commandLine(t, {}, engine);
    const muster = await spawnMuster(t, { env });
    const { id } = await json('organizations', 'create', 'Acme');
    const person = ['--email', 'ann@email.com', '--first-name', 'Ann', '--last-name', 'Lee'];
    const ann = await json('users', 'create', ...person, '--organization', String(id), '--role', 'owner');
    const { token } = await json('tokens', 'create', String(ann.id));
    const get = async (path: string) => {
      const response = await fetch(`${muster.url}/api/v2/${path}`, { headers: { 'X-Auth-Token': token } });
      return ((await response.json()) as any).data?.attributes;
    };
    assert.equal((await get(`organizations/${id}`)).name, 'Acme');

    const renamed = await json('organizations', 'rename', String(id), 'Kolibri & Co.');
    assert.deepEqual(Object.keys(renamed), ['id', 'name', 'slug', 'created_at']);
    assert.deepEqual([renamed.name, renamed.slug], ['Kolibri & Co.', `${id}-kolibri-co`]);
    assert.equal((await get(`organizations/${id}`)).name, 'Kolibri & Co.');
    assert.equal((await get(`users/${ann.id}`)).default_organization_slug, `${id}-kolibri-co`);

    await run(
      'organizations',
      'update',
      String(id),
      'subdomain=Kolibri',
      'flags={"beta":true}',
      'invitation_token=new',
    );
    const shown = await json('organizations', 'show', String(id));
    assert.deepEqual(
      [shown.name, shown.subdomain, shown.flags, shown.slug],
      ['Kolibri & Co.', 'kolibri', { beta: true }, `${id}-kolibri-co`],
    );
    assert.ok(!('invitation_token' in shown));
    assert.match((await get(`organizations/${id}`)).invitation_token, /^[\w-]{40,}$/);

    for (const [args, reason] of [
      [['rename', String(id), ' '], /name can't be blank/],
      [['update', String(id), 'subdomain=a.b'], /subdomain may contain only letters/],
      [['update', String(id), 'nothing=1'], /nothing is not a known attribute/],
      [['update', String(id), 'created_at=2020-01-01'], /created_at/],
      [['rename', '99', 'Name'], /There is no organization 99/],
      [['show', 'Acme'], /There is no organization Acme/],
      [['delete', '99'], /There is no organization 99/],
    ] as const)
      assert.match(await fail('organizations', ...args), reason, args.join(' '));

    assert.deepEqual(await json('organizations', 'delete', String(id)), { id, deleted: true });
    assert.equal((await get(`users/${ann.id}`)).default_organization_id, null);
    assert.equal(await get(`organizations/${id}`), undefined);
    assert.match(await fail('organizations', 'show', String(id)), /There is no organization/);
  });
});
