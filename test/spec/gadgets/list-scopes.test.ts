// What a list adds to a request: a filter that applies by default, and members of `meta`.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { listOperation } from '../../../src/resources/operations/list.ts';
import type { ListMeta } from '../../../src/resources/operations/list-scope.ts';
import type { Route } from '../../../src/resources/route.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { ids } from '../../support/read-answers.ts';
import { gadgetReviews } from '../../support/toy/gadget-reviews.ts';
import { gadgetReviewsAccess } from '../../support/toy/gadget-reviews-access.ts';
import { startGadgets } from '../../support/toy/start-gadgets.ts';

const path = '/api/v2/written_reviews';

const meta: ListMeta = {
  reader: {
    schema: { type: 'string', description: 'The token that asks.', examples: ['7'] },
    of: ({ actor }) => String(actor.sessionId),
  },
};

const route: Route = {
  name: 'listWrittenReviews',
  method: 'GET',
  path,
  auth: 'token',
  body: 'none',
  resource: gadgetReviews,
  policy: 'For tests alone.',
  description: 'Lists reviews.',
  answers: 'collection',
  meta,
  operation: listOperation(gadgetReviewsAccess, {
    meta,
    byDefault: ({ actor }) => ({ attribute: 'author_id', operator: 'eq', values: [actor.userId] }),
  }),
};

/** A sysadmin who sees all reviews, of which two are their own and one is of somebody else. */
async function start(t: TestContext, engine: EngineName) {
  const app = await startGadgets(t, engine, {}, [route]);
  const organization_id = await app.createOrganization();
  const keeper = await app.createUser({ sysadmin: true });
  const ann = await app.createUser({ organizationId: organization_id });
  const gadget_id = await app.addGadget();
  const review = (author_id: number) => app.addReview({ gadget_id, organization_id, author_id });
  const own = [await review(keeper.id), await review(keeper.id)];
  const foreign = await review(ann.id);
  const list = (query: string, token = keeper.token, headers = {}) =>
    app.request('GET', `${path}?${query}`, { token, headers });
  return { app, keeper, ann, own, foreign, list };
}

onEachEngine((engine) => {
  test('a list shows only some records unless the request filters by what decides it', async (t) => {
    const { ann, own, foreign, list } = await start(t, engine);
    assert.deepEqual(ids(await list('')), own);
    assert.deepEqual(ids(await list(`filter[id]=${own[0]},${foreign}`)), [own[0]]);
    assert.deepEqual(ids(await list(`filter[author_id]=${ann.id}`)), [foreign]);
    const either = `filter[$op]=or&filter[0][id]=${own[1]}&filter[1][$op]=and&filter[1][0][author_id]=${ann.id}`;
    assert.deepEqual(ids(await list(either)), [own[1], foreign]);
    // Who filters sees no more than before.
    assert.deepEqual(ids(await list(`filter[author_id]=${ann.id}`, ann.token)), [foreign]);
    assert.equal((await list('page[size]=1')).body.meta.total_count, 2);
    const next = (await list('page[after]=&page[size]=1')).body.links.next.split('?')[1];
    assert.deepEqual(ids(await list(next)), [own[1]]);
  });

  test('a list can say more in its meta, and its tag follows what it says', async (t) => {
    const { app, keeper, list } = await start(t, engine);
    const other = await app.createToken(keeper.id);
    const [one, two] = [await list(''), await list('', other)];
    assert.equal(Object.keys(one.body.meta).at(-1), 'reader');
    assert.notEqual(one.body.meta.reader, two.body.meta.reader);
    assert.notEqual(one.headers.get('etag'), two.headers.get('etag'));
    const cursor = await list('page[after]=');
    assert.deepEqual(Object.keys(cursor.body.meta), ['page_size', 'max_page_size', 'reader']);
    const known = { 'If-None-Match': one.headers.get('etag')! };
    assert.equal((await list('', keeper.token, known)).status, 304);
    assert.equal((await list('', other, known)).status, 200);
  });
});

test('the description has what a list says in its meta', async (t) => {
  const { app } = await start(t, 'sqlite');
  const { paths } = (await app.request('GET', '/api/v2/openapi.json')).body;
  const { schema, example } = paths[path].get.responses[200].content['application/vnd.api+json'];
  assert.deepEqual(schema.properties.meta.properties.reader, {
    type: 'string',
    description: 'The token that asks.',
  });
  assert.ok(schema.properties.meta.required.includes('reader'));
  assert.equal(example.meta.reader, '7');
  assert.equal(
    paths['/api/v2/users'].get.responses[200].content['application/vnd.api+json'].example.meta.reader,
    undefined,
  );
});
