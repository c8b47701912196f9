// Sorts and filters by an attribute that not everyone may read: the rank of a review, which moderators read.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { accessesByType } from '../../../src/resources/access.ts';
import { users } from '../../../src/resources/users/users.ts';
import { usersAccess } from '../../../src/resources/users/users-access.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, engines, onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import type { Answer } from '../../support/start-app.ts';
import { gadgetReviewsAccess } from '../../support/toy/gadget-reviews-access.ts';
import { gadgetsAccess } from '../../support/toy/gadgets-access.ts';
import { gadgetReviewsPath, startGadgets } from '../../support/toy/start-gadgets.ts';

/** Ann administers one organization and is a member of another. Each has reviews by her. */
async function start(t: TestContext, engine: EngineName) {
  const app = await startGadgets(t, engine);
  const [one, other] = [await app.createOrganization(), await app.createOrganization()];
  const keeper = await app.createUser({ sysadmin: ['manage_organizations'] });
  const reader = await app.createUser({ sysadmin: [] });
  const ann = await app.createUser({ organizationId: one, role: 'admin' });
  const member = await app.createUser({ organizationId: one });
  const gadget_id = await app.addGadget({ group: one });
  const inOne: number[] = [];
  for (const rank of [2, 3, 1, 2, 5])
    inOne.push(await app.addReview({ gadget_id, author_id: ann.id, organization_id: one, rank }));
  const inOther = await app.addReview({ gadget_id, author_id: ann.id, organization_id: other, rank: 4 });
  const join = () => app.store.write((transaction) => setMember(transaction, other, ann.id, 'member', 1));
  const list = (query: string, { token } = ann, organizationId?: number) =>
    app.request('GET', `${gadgetReviewsPath}?${query}`, {
      token,
      ...(organizationId && { headers: { 'X-Organization-Id': String(organizationId) } }),
    });
  return { app, one, other, keeper, reader, ann, member, inOne, inOther, join, list };
}

const idsOf = ({ body, text }: Answer): number[] => {
  assert.ok(body.data, text);
  return body.data.map(({ id }: { id: string }) => Number(id));
};

/** The queries that tell something about ranks. */
const restricted = [
  'sort=rank',
  'sort=-rank',
  'sort=updated_at,rank',
  'sort=-rank&page[after]=',
  'filter[rank]=2',
  'filter[rank][gt]=3',
  'filter[rank][]=2',
  'filter[$op]=or&filter[0][rank]=2&filter[1][id]=1',
];

onEachEngine((engine) => {
  test('a caller who may read an attribute in every record of a list sorts and filters by it', async (t) => {
    const { ann, keeper, inOne, inOther, one, list } = await start(t, engine);
    const [a, b, c, d, e] = inOne as [number, number, number, number, number];
    assert.deepEqual(idsOf(await list('sort=rank')), [c, a, d, b, e]);
    assert.deepEqual(idsOf(await list('sort=-rank')), [e, b, a, d, c]);
    assert.deepEqual(idsOf(await list('sort=-rank', keeper)), [e, inOther, b, a, d, c]);
    assert.deepEqual(idsOf(await list('sort=-rank', ann, one)), [e, b, a, d, c]);
    assert.deepEqual(idsOf(await list('filter[rank][gt]=2')), [b, e]);
    assert.equal((await list('filter[rank][gt]=2', keeper)).body.meta.total_count, 3);
    const seen: number[] = [];
    let next: string | undefined = 'sort=-rank&page[after]=&page[size]=2';
    while (next !== undefined) {
      const answer: Answer = await list(next);
      seen.push(...idsOf(answer));
      next = answer.body.links.next?.split('?')[1];
    }
    assert.deepEqual(seen, [e, b, a, d, c]);
  });

  test('for others it is refused in the words for an attribute that does not exist', async (t) => {
    const { member, reader, list, one } = await start(t, engine);
    for (const query of restricted)
      for (const caller of [member, reader])
        for (const organizationId of [undefined, one]) {
          const refused = await list(query, caller, organizationId);
          const unknown = await list(query.replaceAll('rank', 'nonsense'), caller, organizationId);
          assert.equal(refused.status, 400, query);
          assert.equal(refused.text.replaceAll('rank', 'nonsense'), unknown.text, query);
        }
    // The value is null to them, in whatever order.
    for (const { attributes } of (await list('sort=updated_at', member)).body.data)
      assert.equal(attributes.rank, null);
  });

  test('one record that the list can contain without the right to read it is enough to refuse', async (t) => {
    const { ann, one, other, join, list } = await start(t, engine);
    const { next } = (await list('sort=-rank&page[after]=&page[size]=2')).body.links;
    const cursor = next.split('?')[1];
    assert.equal((await list(cursor)).status, 200);
    await join();
    for (const query of restricted) {
      const code = query.startsWith('sort') ? 'unsupported_sort' : 'unsupported_filter';
      assertError(await list(query), 400, code);
      assertError(await list(query, ann, other), 400, code);
      assert.equal((await list(query, ann, one)).status, 200, query);
    }
    // A cursor contains a value of the attribute, and is refused like the sort.
    assertError(await list(cursor), 400, 'unsupported_sort');
    // Another filter may exclude the records, but the list of this call can contain them.
    assertError(await list(`sort=rank&filter[organization_id]=${one}`), 400, 'unsupported_sort');
  });

  test('a caller who loses the right is refused from the next request', async (t) => {
    const { app, ann, one, list } = await start(t, engine);
    const before = await list('sort=-rank');
    await app.store.write((transaction) => setMember(transaction, one, ann.id, 'member', 2));
    assertError(await list('sort=-rank'), 400, 'unsupported_sort');
    const headers = { 'If-None-Match': before.headers.get('etag')! };
    const path = `${gadgetReviewsPath}?sort=-rank`;
    assertError(await app.request('GET', path, { token: ann.token, headers }), 400, 'unsupported_sort');
  });
});

test('the start refuses a restricted sort for which no access says who may use it', () => {
  const { audienceOfAll: _left, ...access } = gadgetReviewsAccess;
  assert.throws(() => accessesByType([usersAccess, gadgetsAccess, access]), {
    message: 'gadget_reviews.rank: a filter or sort by it needs audienceOfAll of the access',
  });
});

test('the description says who may sort and filter by it', async (t) => {
  const { app } = await start(t, engines[0]!);
  const { paths } = (await app.request('GET', '/api/v2/openapi.json')).body;
  const describe = (path: string, wanted: string): string =>
    paths[path].get.parameters.find(({ name }: { name: string }) => name === wanted).description;
  const who = 'only for callers who may read it in every record that the list can contain';
  assert.match(describe(gadgetReviewsPath, 'sort'), new RegExp(`id, updated_at, rank\\. rank is ${who}\\.$`));
  for (const filter of ['filter[rank]', 'filter[rank][gt]'])
    assert.match(describe(gadgetReviewsPath, filter), new RegExp(`${who}\\.$`, 'i'));
  assert.doesNotMatch(describe(`/api/v2/${users.type}`, 'sort'), /only for/);
});
