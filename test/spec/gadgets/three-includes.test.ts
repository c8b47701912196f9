// Three includes at once, as clients sign in: related lists, one record and the answers to writes.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openStore } from '../../../src/open-store.ts';
import { clearedConfig, type EngineName, onEachEngine } from '../../support/engines.ts';
import { type Answer, serveStore } from '../../support/start-app.ts';
import { gadgetReviews } from '../../support/toy/gadget-reviews.ts';
import { gadgetReviewsAccess } from '../../support/toy/gadget-reviews-access.ts';
import { gadgetReviewsRoutes } from '../../support/toy/gadget-reviews-routes.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import { gadgetsAccess } from '../../support/toy/gadgets-access.ts';
import { gadgetsRoutes } from '../../support/toy/gadgets-routes.ts';
import { gadgetReviewsPath } from '../../support/toy/start-gadgets.ts';
import { withGadgets } from '../../support/toy/with-gadgets.ts';

const include = 'include=gadget,author,organization';
const linkage = (type: string, id: number) => ({ data: { type, id: String(id) } });
const namesOf = ({ body }: Answer): string[] =>
  body.included.map(({ type, id }: { type: string; id: string }) => `${type} ${id}`);

/** A lamp with 30 reviews, of which an admin of another organization wrote the last; he is not seen by members. */
async function start(t: TestContext, engine: EngineName) {
  let reads = 0;
  const observe = (operation: string) => {
    if (operation === 'read') reads++;
  };
  const store = await openStore(await clearedConfig(t, engine, withGadgets), { observe }, withGadgets);
  t.after(() => store.close());
  const app = await serveStore(
    t,
    store,
    {},
    {
      routes: [...gadgetsRoutes, ...gadgetReviewsRoutes],
      accesses: [gadgetsAccess, gadgetReviewsAccess],
    },
  );
  const organizationId = await app.createOrganization();
  const admin = await app.createUser({ organizationId, role: 'admin' });
  const ann = await app.createUser({ organizationId });
  const stranger = await app.createUser();
  const ids: number[] = [];
  const lamp = await store.write(async ({ records }) => {
    const gadget = {
      name: 'Lamp',
      contact: 'a@b.com',
      owner_id: ann.id,
      group: organizationId,
      updated_at: 0,
    };
    const gadget_id = await records(gadgets).insert(gadget);
    for (let n = 0; n < 30; n++) {
      const author_id = n === 29 ? stranger.id : n === 28 ? null : ann.id;
      const values = { text: 'Good.', gadget_id, author_id, organization_id: organizationId, updated_at: 0 };
      ids.push(await records(gadgetReviews).insert(values));
    }
    return gadget_id;
  });
  const path = `/api/v2/gadgets/${lamp}/gadget_reviews`;
  const get = (one: string, { token } = admin) => app.request('GET', one, { token });
  return { app, store, organizationId, admin, ann, lamp, ids, path, get, readsOf: () => reads };
}

onEachEngine((engine) => {
  test('a record that thirty others refer to is included once, and what is null or not seen is null', async (t) => {
    const { organizationId, ann, lamp, path, get } = await start(t, engine);
    for (const list of [path, gadgetReviewsPath])
      for (let round = 0; round < 3; round++) {
        const answer = await get(`${list}?${include}`);
        assert.equal(answer.body.data.length, 30, answer.text);
        assert.deepEqual(namesOf(answer), [
          `gadgets ${lamp}`,
          `users ${ann.id}`,
          `organizations ${organizationId}`,
        ]);
        for (const [n, { relationships }] of answer.body.data.entries()) {
          assert.deepEqual(relationships.organization, linkage('organizations', organizationId));
          assert.deepEqual(relationships.author, n < 28 ? linkage('users', ann.id) : { data: null });
        }
      }
    const seen = await get(`${path}?${include}&page[size]=2&page[number]=15`);
    assert.deepEqual(namesOf(seen), [`gadgets ${lamp}`, `organizations ${organizationId}`]);
  });

  test('a relationship alone in the fields of a type gives no attributes, and only this relationship', async (t) => {
    const { ann, lamp, path, ids, get } = await start(t, engine);
    const fields = 'fields[gadget_reviews]=author&fields[users]=first_name,last_name,email&fields[gadgets]=';
    for (let round = 0; round < 2; round++) {
      const { body } = await get(`${path}?${include}&${fields}&page[size]=1`);
      const author = linkage('users', ann.id);
      assert.deepEqual(body.data, [
        { id: String(ids[0]), type: 'gadget_reviews', relationships: { author } },
      ]);
      const [gadget, user, organization] = body.included;
      assert.deepEqual(gadget, { id: String(lamp), type: 'gadgets' });
      assert.deepEqual(Object.keys(user.attributes), ['email', 'first_name', 'last_name']);
      assert.ok('invitation_token' in organization.attributes);
    }
  });

  test('the answer to a PATCH includes what the caller sees after it', async (t) => {
    const { app, admin, lamp, organizationId, ids, get } = await start(t, engine);
    for (const id of [ids[28], ids[29]]) {
      const path = `${gadgetReviewsPath}/${id}?${include}`;
      const answer = await app.request('PATCH', path, {
        token: admin.token,
        body: { data: { type: 'gadget_reviews', attributes: { verdict: `Right ${id}` } } },
      });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(namesOf(answer), [`gadgets ${lamp}`, `organizations ${organizationId}`]);
      assert.deepEqual(answer.body.data.relationships.author, { data: null });
      const shown = await get(path);
      assert.equal(shown.text, answer.text);
      assert.equal(shown.headers.get('etag'), answer.headers.get('etag'));
    }
  });

  test('three includes ask the database a few times, however many records there are', async (t) => {
    const { app, path, get, readsOf } = await start(t, engine);
    const countReads = async (query: string): Promise<number> => {
      // What was recalled until the next commit is forgotten.
      await app.createOrganization();
      const before = readsOf();
      assert.equal((await get(`${path}?${query}`)).status, 200);
      return readsOf() - before;
    };
    // Of each of three types at most the state, the records and who sees them, and for `fields` the primary rows. A
    // server answers all states by one statement.
    const least = engine === 'postgres' ? 3 : 5;
    for (const size of [2, 30, 25, 20]) {
      const plain = await countReads(`page[size]=${size}`);
      for (const fields of ['', '&fields[users]=email&fields[gadget_reviews]=author']) {
        const more = (await countReads(`page[size]=${size}&${include}${fields}`)) - plain;
        assert.ok(more >= least && more <= 10, `${more} with ${size} records${fields}`);
      }
    }
  });
});
