// Lists of the records that belong to one record, and lists that show less than what the caller sees.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ApiError } from '../../../src/errors.ts';
import { listOperation } from '../../../src/resources/operations/list.ts';
import { organizations } from '../../../src/resources/organizations/organizations.ts';
import { administrator } from '../../../src/resources/organizations/organizations-access.ts';
import type { Route } from '../../../src/resources/route.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, engines, onEachEngine } from '../../support/engines.ts';
import type { Answer } from '../../support/start-app.ts';
import { gadgetReviews } from '../../support/toy/gadget-reviews.ts';
import { gadgetReviewsAccess } from '../../support/toy/gadget-reviews-access.ts';
import { gadgetReviewsPath, gadgetsPath, startGadgets } from '../../support/toy/start-gadgets.ts';

const listing = {
  method: 'GET',
  auth: 'token',
  body: 'none',
  resource: gadgetReviews,
  policy: 'For tests alone.',
  description: 'Lists reviews.',
  answers: 'collection',
} as const;

const routes: readonly Route[] = [
  {
    ...listing,
    name: 'listReviewsOfOrganization',
    path: '/api/v2/organizations/{id}/gadget_reviews',
    parameters: { id: 'id' },
    target: { resource: organizations, parameter: 'id' },
    operation: listOperation(gadgetReviewsAccess, {
      under: 'organization',
      requireMayList(_actor, audience) {
        if ((audience & administrator) === 0) throw new ApiError('access_denied');
      },
      // Administrators see all reviews of their organization.
      visible: () => null,
    }),
  },
  {
    ...listing,
    name: 'listOwnReviews',
    path: '/api/v2/own_reviews',
    operation: listOperation(gadgetReviewsAccess, {
      visible: (_services, { actor }) => ({
        attribute: 'author_id',
        operator: 'eq',
        values: [actor.userId],
      }),
    }),
  },
];

const idsOf = ({ body, text }: Answer): number[] => {
  assert.ok(body.data, text);
  return body.data.map(({ id }: { id: string }) => Number(id));
};

/** A lamp in two organizations' sight with reviews of both, and a chair with one. */
async function start(t: TestContext, engine: EngineName) {
  const app = await startGadgets(t, engine, {}, routes);
  const [one, other] = [await app.createOrganization(), await app.createOrganization()];
  const keeper = await app.createUser({ sysadmin: ['manage_organizations'] });
  const admin = await app.createUser({ organizationId: one, role: 'admin' });
  const ann = await app.createUser({ organizationId: one });
  const stranger = await app.createUser({ organizationId: other });
  const lamp = await app.addGadget({ owner_id: ann.id, group: one });
  const chair = await app.addGadget({ group: one });
  const review = (gadget_id: number, organization_id: number, author_id = ann.id) =>
    app.addReview({ gadget_id, organization_id, author_id });
  const ofLamp: number[] = [];
  for (let i = 0; i < 7; i++) {
    ofLamp.push(await review(lamp, one));
    await review(chair, one);
  }
  const foreign = await review(lamp, other, stranger.id);
  const get = (path: string, { token } = keeper, headers = {}) =>
    app.request('GET', path, { token, headers });
  const path = `${gadgetsPath}/${lamp}/gadget_reviews`;
  return { app, one, other, keeper, admin, ann, stranger, lamp, chair, ofLamp, foreign, review, get, path };
}

onEachEngine((engine) => {
  test('the reviews of a gadget are those that refer to it and that the caller sees', async (t) => {
    const { ann, keeper, chair, ofLamp, foreign, get, path } = await start(t, engine);
    assert.deepEqual(idsOf(await get(path, ann)), ofLamp);
    assert.deepEqual(idsOf(await get(path, keeper)), [...ofLamp, foreign]);
    const ofChair = await get(`${gadgetsPath}/${chair}/gadget_reviews`);
    assert.equal(ofChair.body.meta.total_count, 7);
    assert.deepEqual(
      idsOf(ofChair).filter((id) => ofLamp.includes(id)),
      [],
    );
    assert.equal((await get(`${path}?page[size]=2`, ann)).body.meta.total_count, 7);
    assert.equal((await get(`${path}?page[size]=2`)).body.meta.total_count, 8);
    assert.equal((await get(`${gadgetReviewsPath}?page[size]=2`)).body.meta.total_count, 15);
  });

  test('the reviews of a gadget that the caller does not see are not found, as the gadget is', async (t) => {
    const { app, one, other, ann, stranger, keeper, get, path, lamp } = await start(t, engine);
    for (const id of [String(lamp), '999', 'abc', '0']) {
      const list = await get(`${gadgetsPath}/${id}/gadget_reviews`, stranger);
      const show = await get(`${gadgetsPath}/${id}`, stranger);
      assertError(list, 404, 'record_not_found');
      assert.deepEqual(list.body, show.body);
    }
    assertError(await get(path, ann, { 'X-Organization-Id': String(other) }), 403, 'access_denied');
    assertError(await get(path, keeper, { 'X-Organization-Id': String(other) }), 404, 'record_not_found');
    const header = { 'X-Organization-Id': String(one) };
    assert.equal(idsOf(await get(path, ann, header)).length, 7);
    assertError(await app.request('GET', path), 401, 'invalid_auth_token');
    const wrong = await app.request('POST', path, { token: ann.token, body: { data: {} } });
    assertError(wrong, 405, 'method_not_allowed');
    assert.equal(wrong.headers.get('allow'), 'HEAD, GET, OPTIONS');
  });

  test('the links of a related list stay in it, by number and by cursor, with filters and sorts', async (t) => {
    const { app, ann, lamp, ofLamp, review, one, get, path } = await start(t, engine);
    await review(lamp, one, ann.id);
    const filter = `filter[id][lt_eq]=${ofLamp.at(-1)}&filter[author_id]=${ann.id}&sort=-updated_at,-id`;
    for (const paging of ['page[size]=3', 'page[after]=&page[size]=3']) {
      const seen: number[] = [];
      let next: string | undefined = `${app.url}${path}?${filter}&${paging}`;
      for (; next !== undefined; ) {
        assert.ok(next.startsWith(`${app.url}${path}?`), next);
        const answer: Answer = await get(next.slice(app.url.length), ann);
        const { links } = answer.body;
        for (const link of Object.values<string>(links))
          assert.ok(link.startsWith(`${app.url}${path}?`), link);
        seen.push(...idsOf(answer));
        next = links.next;
      }
      assert.deepEqual(seen, ofLamp.toReversed());
    }
    const { links, meta } = (await get(`${path}?page[size]=3&page[number]=2`, ann)).body;
    assert.deepEqual(Object.keys(links), ['first', 'last', 'prev', 'next']);
    assert.equal(meta.total_count, 8);
    assertError(await get(`${path}?filter[x]=1`, ann), 400, 'unsupported_filter');
  });

  test('a cursor of one gadget is refused for another, and for the list of all', async (t) => {
    const { chair, get, path } = await start(t, engine);
    const { next } = (await get(`${path}?page[after]=&page[size]=3`)).body.links;
    const query = next.slice(next.indexOf('?'));
    assert.equal(idsOf(await get(path + query)).length, 3);
    for (const elsewhere of [`${gadgetsPath}/${chair}/gadget_reviews`, gadgetReviewsPath])
      assertError(await get(elsewhere + query), 400, 'keyset_invalid_cursor');
  });

  test('a related list has a tag of its own, 304, HEAD, include and sparse fields', async (t) => {
    const { app, ann, lamp, chair, ofLamp, one, review, get, path } = await start(t, engine);
    const paths = [path, `${gadgetsPath}/${chair}/gadget_reviews`, gadgetReviewsPath];
    const tags = await Promise.all(paths.map(async (one) => (await get(one, ann)).headers.get('etag')!));
    assert.equal(new Set(tags).size, 3);
    assert.equal((await get(path, ann, { 'If-None-Match': tags[0] })).status, 304);
    assert.equal((await get(path, ann, { 'If-None-Match': tags[2] })).status, 200);
    const head = await app.request('HEAD', path, { token: ann.token });
    assert.deepEqual([head.status, head.headers.get('etag')], [200, tags[0]]);
    await review(lamp, one);
    assert.equal((await get(path, ann, { 'If-None-Match': tags[0] })).status, 200);

    const query = 'include=gadget,author&fields[gadget_reviews]=gadget&fields[users]=email&page[size]=2';
    const { body } = await get(`${path}?${query}`, ann);
    const gadget = { data: { type: 'gadgets', id: String(lamp) } };
    assert.deepEqual(
      body.data,
      ofLamp.slice(0, 2).map((id) => ({ id: String(id), type: 'gadget_reviews', relationships: { gadget } })),
    );
    assert.deepEqual(
      body.included.map(({ type, id }: { type: string; id: string }) => [type, id]),
      [
        ['gadgets', String(lamp)],
        ['users', String(ann.id)],
      ],
    );
  });

  test('a related list may ask more of the caller than to see the record: 403', async (t) => {
    const { one, other, admin, ann, keeper, stranger, get } = await start(t, engine);
    const path = `/api/v2/organizations/${one}/gadget_reviews`;
    assert.equal((await get(path, admin)).body.meta.total_count, 14);
    assert.equal((await get(`${path}?page[size]=3`, admin)).body.meta.total_count, 14);
    assert.equal((await get(path, admin, { 'X-Organization-Id': String(one) })).status, 200);
    assertError(await get(path, ann), 403, 'access_denied');
    assertError(await get(path, stranger), 404, 'record_not_found');
    assertError(await get(`/api/v2/organizations/${other}/gadget_reviews`, admin), 404, 'record_not_found');
    assertError(await get(path, admin, { 'X-Organization-Id': String(other) }), 403, 'access_denied');
    // Sees the organization, as a sysadmin, and is no administrator of it.
    assertError(await get(path, keeper), 403, 'access_denied');
    assertError(await get(`${path}?filter[x]=1`, ann), 403, 'access_denied');
  });

  test('a list may show less than what the caller sees, and a record outside it is still shown', async (t) => {
    const { one, keeper, ann, stranger, admin, foreign, ofLamp, get } = await start(t, engine);
    const own = '/api/v2/own_reviews';
    assert.equal((await get(`${own}?page[size]=5`, ann)).body.meta.total_count, 14);
    assert.deepEqual(idsOf(await get(own, stranger)), [foreign]);
    for (const caller of [admin, keeper]) {
      assert.deepEqual(idsOf(await get(own, caller)), []);
      assert.equal((await get(`${gadgetReviewsPath}/${ofLamp[0]}`, caller)).status, 200);
    }
    const { links } = (await get(`${own}?page[size]=5`, ann)).body;
    assert.match(links.next, /\/api\/v2\/own_reviews\?/);
    assert.equal((await get(own, ann, { 'X-Organization-Id': String(one) })).status, 200);
  });
});

test('the start refuses a list under a relationship whose id cannot be filtered by', () => {
  for (const under of ['gadget_owner', 'shelf'])
    assert.throws(() => listOperation(gadgetReviewsAccess, { under }), {
      message: `gadget_reviews.${under}: not a relationship whose id is a column`,
    });
});

test('the description has a related list among the routes of its resource', async (t) => {
  const { app } = await start(t, engines[0]!);
  const { paths } = (await app.request('GET', '/api/v2/openapi.json')).body;
  const { parameters, get } = paths['/api/v2/gadgets/{id}/gadget_reviews'];
  assert.deepEqual(
    parameters.map(({ name, in: place }: Record<string, string>) => [name, place]),
    [['id', 'path']],
  );
  assert.deepEqual(get.tags, ['gadget_reviews']);
  const names = (of: { name: string }[]) => of.map(({ name }) => name);
  assert.deepEqual(names(get.parameters), names(paths[gadgetReviewsPath].get.parameters));
  assert.ok('404' in get.responses && '403' in get.responses);
});
