// A version of the program whose definition has other attributes than the database.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineResource, type Resource } from '../../../src/model/resource.ts';
import { openStore, product } from '../../../src/open-store.ts';
import { listOperation } from '../../../src/resources/operations/list.ts';
import { showOperation } from '../../../src/resources/operations/show.ts';
import type { Route } from '../../../src/resources/route.ts';
import { emptyDatabaseConfig, onEachEngine } from '../../support/engines.ts';
import { serveStore } from '../../support/start-app.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import { gadgetsAccess } from '../../support/toy/gadgets-access.ts';
import { gadgetsPath } from '../../support/toy/start-gadgets.ts';
import { withGadgets } from '../../support/toy/with-gadgets.ts';

const { label: _label, ...fewer } = gadgets.definition.attributes;
const before = defineResource({ ...gadgets.definition, attributes: fewer });

function routesOf(resource: Resource): Route[] {
  const access = { ...gadgetsAccess, resource };
  const common = { method: 'GET', auth: 'token', body: 'none', resource } as const;
  const words = { policy: 'Everyone.', description: 'Shows gadgets.' };
  return [
    {
      ...{ ...common, ...words, name: 'list', path: gadgetsPath, answers: 'collection' },
      operation: listOperation(access),
    },
    {
      ...{ ...common, ...words, name: 'show', path: `${gadgetsPath}/{id}`, answers: 'record' },
      ...{ parameters: { id: 'id' }, target: { resource, parameter: 'id' } },
      operation: showOperation(access),
    },
  ];
}

onEachEngine((engine) => {
  test('a client gets documents with a new attribute, and not that the old ones are unchanged', async (t) => {
    const config = await emptyDatabaseConfig(t, engine);
    const serve = async (resource: Resource) => {
      const contents = { ...withGadgets, resources: [...product.resources, resource] };
      const store = await openStore(config, {}, contents);
      t.after(() => store.close());
      const accesses = [{ ...gadgetsAccess, resource }];
      return serveStore(t, store, {}, { routes: routesOf(resource), accesses });
    };
    const old = await serve(before);
    const { token } = await old.createUser({ sysadmin: true });
    const values = { name: 'Lamp', contact: 'lamp@gadgets.com', updated_at: 0 };
    const id = await old.store.write(({ records }) => records(before).insert(values));
    const current = await serve(gadgets);
    for (const path of [gadgetsPath, `${gadgetsPath}/${id}`]) {
      const tag = (await old.request('GET', path, { token })).headers.get('etag')!;
      const headers = { 'If-None-Match': tag };
      assert.equal((await old.request('GET', path, { token, headers })).status, 304, path);
      const { status, text } = await current.request('GET', path, { token, headers });
      assert.equal(status, 200, path);
      assert.match(text, /"label":null/);
    }
  });
});
