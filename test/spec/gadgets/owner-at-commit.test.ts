// The owner decides what may be changed: the owner at the time of the commit.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApiError } from '../../../src/errors.ts';
import { updateOperation } from '../../../src/resources/operations/update.ts';
import type { WriteRules } from '../../../src/resources/operations/write-rules.ts';
import type { Route } from '../../../src/resources/route.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { mediaType } from '../../support/start-app.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import { gadgetsAccess } from '../../support/toy/gadgets-access.ts';
import { startGadgets } from '../../support/toy/start-gadgets.ts';

const path = '/api/v2/held_gadgets';

/** Members may change gadgets that they see; only the owner may change the nickname. */
const rules: WriteRules<typeof gadgets> = {
  resource: gadgets,
  access: gadgetsAccess,
  requireMayCreate() {
    throw new ApiError('access_denied');
  },
  requireMayUpdate() {},
  requireMayDelete() {},
};

async function start(t: TestContext, engine: EngineName) {
  const update = updateOperation(rules);
  let meanwhile: () => Promise<unknown> = async () => {};
  const route: Route = {
    name: 'updateHeldGadget',
    method: 'PATCH',
    path: `${path}/{id}`,
    auth: 'token',
    parameters: { id: 'id' },
    target: { resource: gadgets, parameter: 'id' },
    body: 'document',
    resource: gadgets,
    policy: 'All accounts, for the gadgets that they can see.',
    description: 'Updates a gadget.',
    answers: 'record',
    async operation(services, call) {
      // The caller is authenticated, and the version of the gadget is known.
      await meanwhile();
      meanwhile = async () => {};
      return update(services, call);
    },
  };
  const app = await startGadgets(t, engine, {}, [route]);
  const organizationId = await app.createOrganization();
  const owner = await app.createUser({ organizationId });
  const other = await app.createUser({ organizationId });
  const id = await app.addGadget({ group: organizationId, owner_id: owner.id });
  return {
    rename: async (token: string, during: () => Promise<unknown> = async () => {}) => {
      meanwhile = during;
      const attributes = { nickname: 'Sparkle', order: 7 };
      return app.request('PATCH', `${path}/${id}`, {
        token,
        headers: { 'Content-Type': mediaType },
        body: { data: { type: 'gadgets', attributes } },
      });
    },
    give: (ownerId: number) => app.store.changeRecord(gadgets, id, async () => ({ owner_id: ownerId })),
    take: () => app.store.changeRecord(gadgets, id, async () => ({ group: null })),
    row: async () => (await app.store.read.records(gadgets).find(id))!,
    owner,
    other,
  };
}

onEachEngine((engine) => {
  test('the owner gives what only an owner may, and others what everyone may', async (t) => {
    const { rename, row, owner, other } = await start(t, engine);
    assert.equal((await rename(other.token)).body.data.attributes.nickname, null);
    assert.equal((await rename(owner.token)).body.data.attributes.nickname, 'Sparkle');
    assert.equal((await row()).nickname, 'Sparkle');
  });

  test('who is no owner any more when the change is committed gives nothing that only an owner may', async (t) => {
    const { rename, give, row, owner, other } = await start(t, engine);
    const answer = await rename(owner.token, () => give(other.id));
    assert.equal(answer.status, 200);
    assert.equal(answer.body.data.attributes.nickname, null);
    assert.equal((await row()).nickname, null);
    assert.equal((await rename(owner.token, () => give(owner.id))).body.data.attributes.nickname, 'Sparkle');
  });

  test('what is not seen any more when the change is committed is not changed', async (t) => {
    const { rename, take, row, owner } = await start(t, engine);
    assertError(await rename(owner.token, take), 404, 'record_not_found');
    assert.equal((await row()).order, 0);
  });
});
