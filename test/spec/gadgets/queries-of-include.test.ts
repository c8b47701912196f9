// How often `include` asks the database, and that two instances never answer with what has changed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../../../src/open-store.ts';
import { users } from '../../../src/resources/users/users.ts';
import { clearedConfig, emptyDatabase, onEachEngine } from '../../support/engines.ts';
import { serveStore } from '../../support/start-app.ts';
import { gadgetReviews } from '../../support/toy/gadget-reviews.ts';
import { gadgetReviewsAccess } from '../../support/toy/gadget-reviews-access.ts';
import { gadgetReviewsRoutes } from '../../support/toy/gadget-reviews-routes.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import { gadgetsAccess } from '../../support/toy/gadgets-access.ts';
import { gadgetsRoutes } from '../../support/toy/gadgets-routes.ts';
import { gadgetReviewsPath } from '../../support/toy/start-gadgets.ts';
import { withGadgets } from '../../support/toy/with-gadgets.ts';

const toy = {
  routes: [...gadgetsRoutes, ...gadgetReviewsRoutes],
  accesses: [gadgetsAccess, gadgetReviewsAccess],
};

onEachEngine((engine) => {
  test('include asks the database once for each type, however many records there are', async (t) => {
    let reads = 0;
    const observe = (operation: string) => {
      if (operation === 'read') reads++;
    };
    const store = await openStore(await clearedConfig(t, engine, withGadgets), { observe }, withGadgets);
    t.after(() => store.close());
    const app = await serveStore(t, store, {}, toy);
    const { id: author, token } = await app.createUser({ sysadmin: ['manage_organizations'] });
    await store.write(async ({ records }) => {
      for (let n = 0; n < 30; n++) {
        const gadget = { name: 'Lamp', contact: `g${n}@gadgets.com`, owner_id: author, updated_at: 0 };
        const gadget_id = await records(gadgets).insert(gadget);
        const review = { text: 'Good.', gadget_id, author_id: author, organization_id: 1, updated_at: 0 };
        await records(gadgetReviews).insert(review);
      }
    });
    const readsOf = async (query: string): Promise<number> => {
      // What was recalled until the next commit is forgotten.
      await app.createOrganization();
      const before = reads;
      assert.equal((await app.request('GET', `${gadgetReviewsPath}?${query}`, { token })).status, 200);
      return reads - before;
    };
    for (let round = 0; round < 4; round++)
      // Other pages in each round: whole answers are kept too.
      for (const size of [2 + round, 30 + round]) {
        const included = await readsOf(`page[size]=${size}&include=gadget,author,gadget_owner`);
        const plain = await readsOf(`page[size]=${size}`);
        // Of each of two types the records, and the state, for the tag. A server answers all states by one statement.
        const expected = engine === 'postgres' ? 2 : 4;
        assert.equal(included - plain, expected, `${included} and ${plain} with ${size}`);
      }
  });

  test('what one instance changes, another includes at once', async (t) => {
    const open = await emptyDatabase(t, engine, {}, withGadgets);
    const first = await serveStore(t, await open(), {}, toy);
    const second = await serveStore(t, await open(), {}, { ...toy, clock: first.clock });
    const { id: author, token } = await first.createUser({ sysadmin: ['manage_organizations'] });
    const review = await first.store.write(async ({ records }) => {
      const gadget_id = await records(gadgets).insert({ name: 'Lamp', contact: 'a@b.com', updated_at: 0 });
      const values = { text: 'Good.', gadget_id, author_id: author, organization_id: 1 };
      return records(gadgetReviews).insert({ ...values, updated_at: 0 });
    });
    const paths = [gadgetReviewsPath, `${gadgetReviewsPath}/${review}`];
    const tags = new Map<string, string>();
    for (let round = 0; round < 6; round++) {
      const [writes, reads] = round % 2 === 0 ? [first, second] : [second, first];
      await writes.store.changeRecord(users, author, async () => ({ first_name: `Ann ${round}` }));
      for (const path of paths) {
        const ask = () => {
          const headers = { 'If-None-Match': tags.get(reads.url + path) ?? '' };
          return reads.request('GET', `${path}?include=author,gadget`, { token, headers });
        };
        const { status, body, headers } = await ask();
        assert.equal(status, 200, `${path} in round ${round}`);
        const user = body.included.find(({ type }: { type: string }) => type === 'users');
        assert.equal(user.attributes.first_name, `Ann ${round}`);
        tags.set(reads.url + path, headers.get('etag')!);
        assert.equal((await ask()).status, 304);
      }
    }
  });
});
