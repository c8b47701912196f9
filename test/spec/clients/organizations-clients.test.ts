// JSON:API client libraries from npm, as applications use them, with organizations, memberships and people.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MakeClient } from '../../../tools/clients/organizations-client.ts';
import { testWithTools, toolsFolder } from '../../support/development-tools.ts';
import { onEachEngine } from '../../support/engines.ts';
import { startApp } from '../../support/start-app.ts';

onEachEngine((engine) => {
  for (const library of ['kitsu', 'devour-client', 'spraypaint', 'coloquent'])
    testWithTools(`${library} signs in, pages, changes roles, adds, removes and shows errors`, async (t) => {
      const { makeClient }: { makeClient: MakeClient } = await import(
        pathToFileURL(join(toolsFolder, `clients/${library}.ts`)).href
      );
      const app = await startApp(t, engine);
      const acme = await app.createOrganization('Acme');
      const create = (first_name: string, role?: 'owner' | 'admin' | 'member') =>
        app.createUser({
          email: `${first_name.toLowerCase()}@example.com`,
          ...(role && { organizationId: acme, role }),
          values: { first_name },
        });
      const ann = await create('Ann', 'owner');
      const bea = await create('Bea', 'admin');
      const cem = await create('Cem', 'member');
      const dan = await create('Dan');
      const root = await app.createUser({ sysadmin: true });
      const membershipOf = async ({ id }: { id: number }) =>
        String(await app.store.read.memberships.idOf(acme, id));
      const organizationId = String(acme);

      const owner = makeClient(`${app.url}/api/v2`, ann.token);
      assert.deepEqual(await owner.signIn(), { firstName: 'Ann', organization: 'Acme' });
      assert.deepEqual(await owner.namesOfOrganizations(), ['Acme']);
      assert.deepEqual(await owner.people(), [
        'ann@example.com, Acme',
        'bea@example.com, Acme',
        'cem@example.com, Acme',
      ]);
      assert.deepEqual(await owner.members(organizationId), ['owner Ann', 'admin Bea', 'member Cem']);

      assert.equal(await owner.changeRole(await membershipOf(cem), 'admin'), 'admin');
      const manager = makeClient(`${app.url}/api/v2`, root.token);
      const added = await manager.addMember({ organizationId, userId: String(dan.id), role: 'member' });
      assert.equal(added, await membershipOf(dan));
      const all = ['owner Ann', 'admin Bea', 'admin Cem', 'member Dan'];
      assert.deepEqual(await owner.members(organizationId), all);
      await owner.removeMember(added);
      assert.deepEqual(await owner.members(organizationId), all.slice(0, 3));

      const detailsOf = async (refused: Promise<unknown>) =>
        owner.detailsOf(
          await refused.then(
            () => assert.fail('not refused'),
            (error) => error,
          ),
        );
      const [own, other] = [await membershipOf(ann), await membershipOf(bea)];
      assert.deepEqual(await detailsOf(owner.changeRole(other, 'king')), ['is not included in the list']);
      assert.deepEqual(await detailsOf(owner.changeRole(own, 'member')), [
        'is needed, this is the last owner',
      ]);
      assert.deepEqual(
        await detailsOf(owner.addMember({ organizationId, userId: String(dan.id), role: 'member' })),
        ['You are not authorized to access this resource'],
      );
      assert.deepEqual(await detailsOf(owner.include('999', 'person')), [
        'The requested record was not found',
      ]);
      assert.deepEqual(await detailsOf(owner.include(own, 'person.company')), [
        "Include 'person.company' is not supported on this endpoint",
      ]);
    });
});
