// Relationships in the body of a POST or PATCH, and rights that depend on what the caller is elsewhere.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Role } from '../../../src/model/actor.ts';
import { audienceSet } from '../../../src/model/audience.ts';
import type { Access } from '../../../src/resources/access.ts';
import { creationOf } from '../../../src/resources/operations/create.ts';
import type { WriteRules } from '../../../src/resources/operations/write-rules.ts';
import type { Route } from '../../../src/resources/route.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import type { Answer } from '../../support/start-app.ts';
import { gadgetReviews } from '../../support/toy/gadget-reviews.ts';
import { gadgetReviewsAccess } from '../../support/toy/gadget-reviews-access.ts';
import { gadgetReviewsRules } from '../../support/toy/gadget-reviews-rules.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import { gadgetReviewsPath, gadgetsPath, startGadgets } from '../../support/toy/start-gadgets.ts';

const linkage = (type: string, id: unknown) => ({ data: { type, id: String(id) } });

const broken = ({ status, text, body }: Answer): string[] => {
  assert.equal(status, 422, text);
  return body.errors.map(
    ({ detail, source }: { detail: string; source: { pointer: string } }) => `${source.pointer} ${detail}`,
  );
};

async function start(t: TestContext, engine: EngineName, routes: readonly Route[] = []) {
  const app = await startGadgets(t, engine, {}, routes);
  const organizationId = await app.createOrganization();
  const keeper = await app.createUser({ sysadmin: ['manage_organizations'] });
  const admin = await app.createUser({ organizationId, role: 'admin' });
  const ann = await app.createUser({ organizationId });
  const gadget = await app.addGadget({ owner_id: ann.id, group: organizationId });
  const write = (
    method: string,
    path: string,
    { token }: { token: string },
    attributes: object,
    relationships: unknown = {},
  ) => {
    const type = path.split('/')[3]!;
    return app.request(method, path, { token, body: { data: { type, attributes, relationships } } });
  };
  return { app, organizationId, keeper, admin, ann, gadget, write };
}

onEachEngine((engine) => {
  test('a relationship is given under relationships, as an attribute, or as both if they agree', async (t) => {
    const { app, keeper, ann, admin, gadget, write } = await start(t, engine);
    const path = `${gadgetsPath}/${gadget}`;
    const ownerOf = async () => (await app.store.read.records(gadgets).find(gadget))!.owner_id;
    const patch = (attributes: object, relationships?: unknown) =>
      write('PATCH', path, keeper, attributes, relationships);
    for (const [attributes, owner, expected] of [
      [{}, linkage('users', admin.id), admin.id],
      [{}, { data: null }, null],
      [{ owner_id: String(ann.id) }, undefined, ann.id],
      [{ owner_id: admin.id }, linkage('users', admin.id), admin.id],
      [{ owner_id: null }, { data: null }, null],
      [{}, linkage('users', ann.id), ann.id],
      // What carries no data says nothing.
      [{}, { meta: { included: false } }, ann.id],
    ] as const) {
      const answer = await patch(attributes, owner && { owner });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(await ownerOf(), expected);
    }
    for (const [attributes, owner] of [
      [{ owner_id: String(admin.id) }, linkage('users', ann.id)],
      [{ owner_id: null }, linkage('users', ann.id)],
      [{ owner_id: String(admin.id) }, { data: null }],
    ] as const)
      assert.deepEqual(broken(await patch(attributes, { owner })), [
        'data/relationships/owner is not the one of owner_id',
      ]);
    // A document that comes back as it was read changes nothing.
    const { data } = (await app.request('GET', `${path}?include=owner`, { token: keeper.token })).body;
    const back = await patch(data.attributes, data.relationships);
    assert.equal(back.status, 200, back.text);
    assert.equal(await ownerOf(), ann.id);
  });

  test('a relationship that nobody knows, of another type or malformed is refused', async (t) => {
    const { keeper, ann, gadget, write } = await start(t, engine);
    const patch = (relationships: unknown, attributes = {}) =>
      write('PATCH', `${gadgetsPath}/${gadget}`, keeper, attributes, relationships);
    const shelf = linkage('shelves', 1);
    assert.deepEqual(broken(await patch({ shelf, owner: linkage('gadgets', 1) }, { size: 1, name: '' })), [
      'data/relationships/owner must be of the type users',
      'data/relationships/shelf is not a known relationship',
      "data/attributes/name can't be blank",
      'data/attributes/size is not a known attribute',
    ]);
    assert.equal((await patch({ shelf: { meta: {} }, other: {} })).status, 200);
    for (const [owner, pointer] of [
      [null, 'owner'],
      [{ data: [{ type: 'users', id: String(ann.id) }] }, 'owner/data'],
      [{ data: 'users' }, 'owner/data'],
      [{ data: { type: 'users' } }, 'owner/data'],
      [{ data: { type: 'users', id: 1 } }, 'owner/data'],
    ] as const) {
      const answer = await patch({ owner });
      assertError(answer, 400, 'malformed_document');
      assert.equal(answer.body.errors[0].source.pointer, `data/relationships/${pointer}`);
    }
    // Users have no relationships: what a client sends there is ignored.
    const self = await write('PATCH', `/api/v2/users/${ann.id}`, ann, {}, { owner: shelf, x: 1 });
    assert.equal(self.status, 200, self.text);
  });

  test('a record that the caller does not see is refused as if it did not exist', async (t) => {
    const { app, organizationId, keeper, ann, gadget, write } = await start(t, engine);
    const unseen = await app.addGadget();
    const path = `${gadgetsPath}/${gadget}`;
    for (const id of [unseen, 999, '0', 'x']) {
      const rule = id === 'x' || id === '0' ? 'is not an id' : 'is not a known gadget';
      assert.deepEqual(broken(await write('PATCH', path, ann, {}, { part_of: linkage('gadgets', id) })), [
        `data/relationships/part_of ${rule}`,
      ]);
      assert.deepEqual(broken(await write('PATCH', path, ann, { part_of_id: String(id) })), [
        `data/attributes/part_of_id ${rule}`,
      ]);
      const review = { text: 'Good.', organization_id: String(organizationId) };
      assert.deepEqual(
        broken(await write('POST', gadgetReviewsPath, ann, review, { gadget: linkage('gadgets', id) })),
        [`data/relationships/gadget ${rule}`],
      );
    }
    const seen = await write('PATCH', path, keeper, {}, { part_of: linkage('gadgets', unseen) });
    assert.equal(seen.status, 200, seen.text);
    // What stays as it is breaks nothing, seen or not.
    const same = await write('PATCH', path, ann, { name: 'Mine' }, { part_of: linkage('gadgets', unseen) });
    assert.equal(same.status, 200, same.text);
    const own = await app.request('PATCH', path, {
      token: keeper.token,
      headers: { 'X-Organization-Id': String(organizationId) },
      body: { data: { type: 'gadgets', attributes: { part_of_id: String(unseen) } } },
    });
    assert.equal(own.status, 200, own.text);
    assert.equal((await app.store.read.records(gadgets).find(gadget))!.part_of_id, unseen);
  });

  test('a relationship that a new record needs is required', async (t) => {
    const { ann, write } = await start(t, engine);
    assert.deepEqual(broken(await write('POST', gadgetReviewsPath, ann, { text: 'Good.' })).sort(), [
      "data/attributes/gadget_id can't be blank",
      "data/attributes/organization_id can't be blank",
    ]);
  });

  test('what the caller is to a record follows from its memberships, in lists and one by one', async (t) => {
    const { app, organizationId, keeper, admin, ann, gadget, write } = await start(t, engine);
    const other = await app.createOrganization();
    await app.store.write((transaction) => setMember(transaction, other, admin.id, 'member', 1));
    const common = { gadget_id: gadget, author_id: ann.id, verdict: 'fair' };
    const mine = await app.addReview({ ...common, organization_id: organizationId });
    const theirs = await app.addReview({ ...common, organization_id: other });
    const verdicts = async ({ token }: { token: string }) => {
      const { body } = await app.request('GET', gadgetReviewsPath, { token });
      for (const data of body.data) {
        const one = await app.request('GET', `${gadgetReviewsPath}/${data.id}`, { token });
        assert.deepEqual(one.body.data, data);
      }
      return body.data.map(({ attributes }: { attributes: { verdict: string } }) => attributes.verdict);
    };
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(await verdicts(admin), ['fair', null]);
      assert.deepEqual(await verdicts(ann), ['fair']);
      assert.deepEqual(await verdicts(keeper), [null, null]);
    }
    // Another role is another audience, from the next request on, in a list that was answered before too.
    const tagOf = async (path: string) =>
      (await app.request('GET', path, { token: admin.token })).headers.get('etag')!;
    const paths = [gadgetReviewsPath, `${gadgetReviewsPath}/${mine}`];
    const tags = await Promise.all(paths.map(tagOf));
    await app.store.write((transaction) => setMember(transaction, organizationId, admin.id, 'member', 1));
    assert.deepEqual(await verdicts(admin), [null, null]);
    for (const [i, path] of paths.entries()) assert.notEqual(await tagOf(path), tags[i]);
    assertError(await write('PATCH', `${gadgetReviewsPath}/${mine}`, admin, {}), 403, 'access_denied');
    await app.store.write((transaction) => setMember(transaction, other, admin.id, 'admin', 1));
    const judged = await write('PATCH', `${gadgetReviewsPath}/${theirs}`, admin, {
      verdict: 'unfair',
      text: 'x',
    });
    assert.deepEqual([judged.status, judged.body.data.attributes.verdict], [200, 'unfair']);
    assert.equal(judged.body.data.attributes.text, 'Good.');
    assertError(
      await app.request('DELETE', `${gadgetReviewsPath}/${mine}`, { token: admin.token }),
      403,
      'access_denied',
    );
    const ended = await app.request('DELETE', `${gadgetReviewsPath}/${theirs}`, { token: admin.token });
    assert.equal(ended.status, 204);
  });

  test('a role that ends while a change waits ends the right to make it', async (t) => {
    const { app, organizationId, admin, ann, gadget, write } = await start(t, engine);
    const values = { gadget_id: gadget, author_id: ann.id, organization_id: organizationId };
    const review = await app.addReview(values);
    const path = `${gadgetReviewsPath}/${review}`;
    for (let round = 0; round < 5; round++) {
      await app.store.write((transaction) => setMember(transaction, organizationId, admin.id, 'admin', 1));
      const [answer] = await Promise.all([
        write('PATCH', path, admin, { verdict: `round ${round}` }),
        app.store.write((transaction) => setMember(transaction, organizationId, admin.id, 'member', 1)),
      ]);
      // Whichever came first: who has no role any more has changed nothing after it ended.
      const { verdict } = (await app.store.read.records(gadgetReviews).find(review))!;
      assert.equal(verdict === `round ${round}`, answer.status === 200, answer.text);
      assertError(await write('PATCH', path, admin, { verdict: 'late' }), 403, 'access_denied');
    }
  });

  test('a record is not created by a role that has ended meanwhile: the request is decided anew', async (t) => {
    const decided: (Role | null)[] = [];
    let meanwhile = async () => {};
    // Here an admin may give more than a member.
    const access: Access<Readonly<Record<number, Role>>> = {
      ...gadgetReviewsAccess,
      audienceOf: (_actor, _id, _facts, roles) =>
        audienceSet(
          gadgetReviews,
          'author',
          ...(roles[organizationId] === 'admin' ? ['moderator' as const] : []),
        ),
    };
    const rules: WriteRules<typeof gadgetReviews> = {
      ...gadgetReviewsRules,
      access,
      async decide(reads, asked) {
        const first = decided.length === 0;
        decided.push(await reads.memberships.role(organizationId, asked.actor.userId!, asked.now));
        if (first) await meanwhile();
        return gadgetReviewsRules.decide!(reads, asked);
      },
    };
    const path = '/api/v2/more_reviews';
    const { app, organizationId, admin, gadget } = await start(t, engine, [
      {
        ...{ name: 'createOne', method: 'POST', path, auth: 'token', body: 'document', answers: 'created' },
        ...{ resource: gadgetReviews, policy: 'Everyone.', description: 'Creates a review.' },
        creation: creationOf(rules),
      },
    ]);
    meanwhile = () =>
      app.store.write((transaction) => setMember(transaction, organizationId, admin.id, 'member', 1));
    const attributes = { text: 'x', gadget_id: String(gadget), organization_id: String(organizationId) };
    const { status, text } = await app.request('POST', path, {
      token: admin.token,
      body: { data: { type: 'gadget_reviews', attributes } },
    });
    assert.equal(status, 201, text);
    // Before the transaction, again before it as the role is another, and in it.
    assert.deepEqual(decided, ['admin', 'member', 'member']);
  });
});
