// Relationships and `include`, on resources that the product does not know: documents, rights, sparse fields and tags.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { organizations } from '../../../src/resources/organizations/organizations.ts';
import { users } from '../../../src/resources/users/users.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { removeMember, setMember } from '../../support/members.ts';
import type { Answer } from '../../support/start-app.ts';
import { gadgetReviews } from '../../support/toy/gadget-reviews.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import { gadgetReviewsPath, gadgetsPath, startGadgets } from '../../support/toy/start-gadgets.ts';

const notIncluded = { meta: { included: false } };
const linkage = (type: string, id: number) => ({ data: { type, id: String(id) } });
const namesOf = ({ body }: Answer): string[] =>
  body.included.map(({ type, id }: { type: string; id: string }) => `${type} ${id}`);

/** A desk of Ann's with a lamp of Bob's on it, and a review of the lamp by Ann. */
async function start(t: TestContext, engine: EngineName) {
  const app = await startGadgets(t, engine);
  const organizationId = await app.createOrganization();
  const keeper = await app.createUser({ sysadmin: ['manage_organizations'] });
  const admin = await app.createUser({ organizationId, role: 'admin' });
  const ann = await app.createUser({ organizationId });
  const bob = await app.createUser({ organizationId });
  const desk = await app.addGadget({ name: 'Desk', owner_id: ann.id, group: organizationId });
  const lamp = await app.addGadget({
    name: 'Lamp',
    owner_id: bob.id,
    part_of_id: desk,
    group: organizationId,
  });
  const review = await app.addReview({
    gadget_id: lamp,
    author_id: ann.id,
    organization_id: organizationId,
  });
  const get = (path: string, { token } = keeper, headers = {}) =>
    app.request('GET', path, { token, headers });
  return { app, organizationId, keeper, admin, ann, bob, desk, lamp, review, get };
}

onEachEngine((engine) => {
  test('a relationship that is not loaded says so, and one that is always linked carries its id', async (t) => {
    const { get, lamp, review } = await start(t, engine);
    const gadget = (await get(`${gadgetsPath}/${lamp}`)).body.data;
    assert.deepEqual(Object.keys(gadget), ['id', 'type', 'attributes', 'relationships']);
    assert.deepEqual(gadget.relationships, { owner: notIncluded, part_of: notIncluded });
    for (let round = 0; round < 3; round++) {
      const { data } = (await get(gadgetReviewsPath)).body;
      assert.deepEqual(Object.keys(data[0].attributes), ['updated_at', 'text', 'verdict', 'rank']);
      assert.deepEqual(data[0].relationships, {
        gadget: linkage('gadgets', lamp),
        author: notIncluded,
        reply_to: notIncluded,
        gadget_owner: notIncluded,
        organization: notIncluded,
      });
      assert.deepEqual((await get(`${gadgetReviewsPath}/${review}`)).body.data, data[0]);
    }
  });

  test('include loads each record once, three deep, also by an id of another table', async (t) => {
    const { app, get, ann, bob, desk, lamp, review, organizationId } = await start(t, engine);
    const again = { gadget_id: lamp, author_id: ann.id, organization_id: organizationId };
    const reply = await app.addReview({ ...again, reply_to_id: review });
    const paths = 'gadget.part_of.owner,author,gadget_owner,reply_to';
    for (let round = 0; round < 3; round++) {
      const one = await get(`${gadgetReviewsPath}/${reply}?include=${paths}`);
      assert.deepEqual(Object.keys(one.body), ['data', 'included', 'meta']);
      assert.deepEqual(namesOf(one), [
        `gadgets ${desk}`,
        `gadgets ${lamp}`,
        `users ${ann.id}`,
        `users ${bob.id}`,
        `gadget_reviews ${review}`,
      ]);
      assert.deepEqual(one.body.data.relationships, {
        gadget: linkage('gadgets', lamp),
        author: linkage('users', ann.id),
        reply_to: linkage('gadget_reviews', review),
        gadget_owner: linkage('users', bob.id),
        organization: notIncluded,
      });
      const [itsDesk, itsLamp] = one.body.included;
      assert.deepEqual(itsLamp.relationships, { owner: notIncluded, part_of: linkage('gadgets', desk) });
      assert.deepEqual(itsDesk.relationships, { owner: linkage('users', ann.id), part_of: notIncluded });
      const whole = (await get(`${gadgetsPath}/${desk}`)).body.data;
      assert.deepEqual(itsDesk.attributes, whole.attributes);

      // What is primary data is not included, and carries the linkage of what is loaded of it.
      const all = await get(`${gadgetReviewsPath}?include=${paths}`);
      assert.deepEqual(Object.keys(all.body), ['data', 'included', 'links', 'meta']);
      assert.deepEqual(namesOf(all), namesOf(one).slice(0, 4));
      assert.deepEqual(all.body.data[1], one.body.data);
      assert.match(
        all.body.links.first,
        /include=gadget\.part_of\.owner%2Cauthor%2Cgadget_owner%2Creply_to&/,
      );
    }
  });

  test('A12 an empty include gives an empty list, and one that nobody knows is refused', async (t) => {
    const { get, lamp, desk } = await start(t, engine);
    const empty = await get(`${gadgetsPath}/${lamp}?include=`);
    assert.deepEqual([empty.body.included, empty.body.data.relationships.owner], [[], notIncluded]);
    assert.deepEqual((await get(`${gadgetsPath}?include=`)).body.included, []);
    // The desk is part of nothing.
    const none = await get(`${gadgetsPath}/${desk}?include=part_of`);
    assert.deepEqual([none.body.included, none.body.data.relationships.part_of], [[], { data: null }]);

    for (const path of ['shelf', 'owner.owner', 'part_of.shelf', 'owner,', 'part_of.part_of.part_of.owner'])
      for (const place of [gadgetsPath, `${gadgetsPath}/${lamp}`]) {
        const answer = await get(`${place}?include=${path}`);
        const refused = path === 'owner,' ? '' : path;
        assertError(answer, 400, 'unsupported_include');
        assert.equal(answer.body.errors[0].detail, `Include '${refused}' is not supported on this endpoint`);
        assert.equal(answer.body.errors[0].title, 'Unsupported Include');
        assert.deepEqual(answer.body.errors[0].source, { parameter: 'include' });
      }
    for (const include of ['', 'owner'])
      assertError(await get(`/api/v2/users?include=${include}`), 400, 'unsupported_parameter');
  });

  test('A11 fields name attributes and relationships of every type in the answer', async (t) => {
    const { get, ann, bob, lamp } = await start(t, engine);
    const path = `${gadgetReviewsPath}?include=author,gadget.owner&fields[gadget_reviews]=author&fields[users]=email`;
    for (let round = 0; round < 2; round++) {
      const { body } = await get(`${path}&fields[gadgets]=owner,name`);
      assert.deepEqual(body.data, [
        { id: '1', type: 'gadget_reviews', relationships: { author: linkage('users', ann.id) } },
      ]);
      const emails = await Promise.all([ann, bob].map(({ id }) => get(`/api/v2/users/${id}`)));
      assert.deepEqual(body.included, [
        ...[ann, bob].map(({ id }, i) => ({
          id: String(id),
          type: 'users',
          attributes: { email: emails[i]!.body.data?.attributes.email ?? `user${i + 3}@email.com` },
        })),
        {
          id: String(lamp),
          type: 'gadgets',
          attributes: { name: 'Lamp' },
          relationships: { owner: linkage('users', bob.id) },
        },
      ]);
    }
    const owner = (await get(`${gadgetsPath}/${lamp}?include=owner&fields[users]=`)).body.included;
    assert.deepEqual(owner, [{ id: String(bob.id), type: 'users' }]);
    const bare = (await get(`${gadgetsPath}/${lamp}?fields[gadgets]=`)).body.data;
    assert.deepEqual(bare, { id: String(lamp), type: 'gadgets' });
    const named = (await get(`${gadgetsPath}/${lamp}?fields[gadgets]=name`)).body.data;
    assert.deepEqual(Object.keys(named), ['id', 'type', 'attributes']);
    for (const query of [
      'fields[users]=email',
      'fields[nothing]=email&include=owner',
      'fields[users]=nothing&include=owner',
      'fields[gadgets]=owner_email,shelf',
      'fields[gadget_reviews]=gadget_id&include=owner',
    ])
      assertError(await get(`${gadgetsPath}?${query}`), 400, 'unsupported_parameter');
    assertError(
      await get(`${gadgetReviewsPath}?fields[gadget_reviews]=gadget_id`),
      400,
      'unsupported_parameter',
    );
  });

  test('what the reader does not see is not included, and its linkage is null', async (t) => {
    const { app, get, admin, ann, bob, lamp, organizationId, keeper } = await start(t, engine);
    const path = `${gadgetsPath}/${lamp}?include=owner,part_of.owner`;
    const owners = async (person: typeof ann) => {
      const answer = await get(path, person);
      return [
        answer.body.data.relationships.owner.data?.id ?? null,
        namesOf(answer).filter((name) => /users/.test(name)),
      ];
    };
    for (let round = 0; round < 3; round++) {
      // An admin sees the members, a member themselves alone.
      assert.deepEqual(await owners(admin), [String(bob.id), [`users ${ann.id}`, `users ${bob.id}`]]);
      assert.deepEqual(await owners(ann), [null, [`users ${ann.id}`]]);
      assert.deepEqual(await owners(bob), [String(bob.id), [`users ${bob.id}`]]);
      const list = await get(`${gadgetsPath}?include=owner`, bob);
      assert.deepEqual(namesOf(list), [`users ${bob.id}`]);
    }
    // What is not shown to everyone is not shown to them when it is included either.
    await app.store.changeRecord(users, bob.id, async () => ({ ical_token: 'secret' }));
    const secretOf = async (person: typeof ann) =>
      (await get(`${gadgetsPath}?include=owner&fields[users]=ical_token`, person)).body.included.find(
        ({ id }: { id: string }) => id === String(bob.id),
      ).attributes.ical_token;
    assert.deepEqual([await secretOf(bob), await secretOf(admin)], ['secret', null]);

    // A gadget that is lent to nobody is seen by keepers alone.
    const hidden = await app.addGadget();
    await app.store.changeRecord(gadgets, lamp, async () => ({ part_of_id: hidden }));
    assert.deepEqual((await get(path, admin)).body.data.relationships.part_of, { data: null });
    assert.deepEqual((await get(path, keeper)).body.data.relationships.part_of, linkage('gadgets', hidden));
    const narrowed = await get(`${gadgetsPath}/${lamp}?include=part_of`, keeper, {
      'X-Organization-Id': String(organizationId),
    });
    assert.deepEqual(narrowed.body.data.relationships.part_of, { data: null });
  });

  test('a secret that is not included is null in included records, for those who read it in the record itself', async (t) => {
    const { app, get, admin, ann, review, organizationId } = await start(t, engine);
    await app.store.changeRecord(organizations, organizationId, async () => ({ invitation_token: 'secret' }));
    const path = `/api/v2/organizations/${organizationId}`;
    for (let round = 0; round < 3; round++)
      for (const person of [admin, ann])
        for (const query of [
          'include=organization',
          'include=organization&fields[organizations]=name,invitation_token',
        ]) {
          const own = (await get(path, person)).body.data.attributes;
          assert.equal(own.invitation_token, person === admin ? 'secret' : null);
          for (const place of [gadgetReviewsPath, `${gadgetReviewsPath}/${review}`]) {
            const { included } = (await get(`${place}?${query}`, person)).body;
            assert.deepEqual(namesOf({ body: { included } } as Answer), [`organizations ${organizationId}`]);
            assert.deepEqual(
              [included[0].attributes.name, included[0].attributes.invitation_token],
              [own.name, null],
            );
          }
        }
  });

  test('a tag of an answer with included records changes with each of them, and with what is seen of them', async (t) => {
    const { app, get, admin, ann, bob, lamp, desk, organizationId } = await start(t, engine);
    const paths = [`${gadgetsPath}/${lamp}?include=owner,part_of.owner`, `${gadgetsPath}?include=owner`];
    const other = await app.createOrganization();
    const changes: [what: string, change: () => Promise<unknown>][] = [
      ['the record', () => app.store.changeRecord(gadgets, lamp, async () => ({ name: 'Light' }))],
      ['an owner', () => app.store.changeRecord(users, bob.id, async () => ({ first_name: 'Rob' }))],
      ['a deeper one', () => app.store.changeRecord(users, ann.id, async () => ({ first_name: 'Anna' }))],
      ['the desk', () => app.store.changeRecord(gadgets, desk, async () => ({ name: 'Table' }))],
      [
        'a membership of an owner',
        () => app.store.write((transaction) => removeMember(transaction, organizationId, bob.id)),
      ],
      [
        'one that comes back',
        () => app.store.write((transaction) => setMember(transaction, organizationId, bob.id, 'member', 1)),
      ],
      [
        'what the reader is',
        () => app.store.write((transaction) => setMember(transaction, organizationId, admin.id, 'member', 1)),
      ],
      ['a deleted owner', () => app.store.write(({ records }) => records(users).delete(bob.id))],
    ];
    const read = () => Promise.all(paths.map((path) => get(path, admin)));
    let before = await read();
    for (const [what, change] of changes) {
      for (const [i, answer] of before.entries()) {
        const tag = answer.headers.get('etag')!;
        const again = await get(paths[i]!, admin, { 'If-None-Match': tag });
        assert.equal(again.status, 304, `${paths[i]} before ${what}`);
      }
      await change();
      const after = await read();
      for (const [i, { text, headers }] of after.entries()) {
        const [old, tag] = [before[i]!.headers.get('etag')!, headers.get('etag')!];
        assert.ok(text === before[i]!.text || tag !== old, `${paths[i]} and ${what}`);
        const again = await get(paths[i]!, admin, { 'If-None-Match': old });
        assert.equal(again.status, tag === old ? 304 : 200);
        assert.ok(!(i === 0 && text === before[i]!.text), `${what} changes nothing`);
      }
      before = after;
    }
    // Others have other tags.
    await app.store.write((transaction) => setMember(transaction, other, admin.id, 'admin', 1));
    assert.notEqual((await get(paths[0]!, ann)).headers.get('etag'), before[0]!.headers.get('etag'));
  });

  test('If-Match of a write compares the record itself, whatever was included with its tag', async (t) => {
    const { app, get, ann, review } = await start(t, engine);
    const path = `${gadgetReviewsPath}/${review}`;
    const tagOf = ({ headers }: Answer) => headers.get('etag')!;
    const tag = tagOf(await get(`${path}?include=author`, ann));
    assert.notEqual(tag, tagOf(await get(path, ann)));
    await app.store.changeRecord(users, ann.id, async () => ({ first_name: 'Anna' }));
    const patch = (text: string, query: string, etag: string) =>
      app.request('PATCH', path + query, {
        token: ann.token,
        headers: { 'If-Match': etag },
        body: { data: { type: 'gadget_reviews', attributes: { text } } },
      });
    // What was included has changed since, the review has not.
    assert.notEqual(tagOf(await get(`${path}?include=author`, ann)), tag);
    const changed = await patch('Dim.', '?include=author', tag);
    assert.equal(changed.status, 200, changed.text);
    assert.equal(changed.body.included[0].attributes.first_name, 'Anna');
    assertError(await patch('Dark.', '', tag), 412, 'precondition_failed');
    const next = tagOf(changed);
    assert.equal((await get(`${path}?include=author`, ann, { 'If-None-Match': next })).status, 304);
    assert.equal((await patch('Dark.', '', next)).status, 200);
    // A read compares all of it.
    const whole = tagOf(await get(`${path}?include=author`, ann));
    assertError(await get(path, ann, { 'If-Match': whole }), 412, 'precondition_failed');
    assert.equal((await get(`${path}?include=author`, ann, { 'If-Match': whole })).status, 200);
  });

  test('the answer to a POST has what include asks for', async (t) => {
    const { app, ann, lamp, organizationId } = await start(t, engine);
    const answer = await app.request('POST', `${gadgetReviewsPath}?include=gadget,author`, {
      token: ann.token,
      body: {
        data: {
          type: 'gadget_reviews',
          attributes: { text: 'Bright.', organization_id: String(organizationId) },
          relationships: { gadget: linkage('gadgets', lamp) },
        },
      },
    });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(namesOf(answer), [`gadgets ${lamp}`, `users ${ann.id}`]);
    const { id } = answer.body.data;
    const row = (await app.store.read.records(gadgetReviews).find(Number(id)))!;
    assert.deepEqual([row.gadget_id, row.author_id], [lamp, ann.id]);
  });
});
