// Create, update and delete of the toy resource, by its definition and its rules.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { outcome } from '../../support/read-answers.ts';
import type { RequestOptions } from '../../support/start-app.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import { gadgetsPath, startGadgets } from '../../support/toy/start-gadgets.ts';

type Attributes = Readonly<Record<string, unknown>>;

async function start(t: TestContext, engine: EngineName) {
  const app = await startGadgets(t, engine);
  const keeper = await app.createUser({ sysadmin: ['manage_organizations'] });
  const group = await app.createOrganization();
  const owner = await app.createUser({ organizationId: group });
  const other = await app.createUser({ organizationId: group });
  const write = (
    method: string,
    path: string,
    { attributes, ...options }: RequestOptions & { attributes?: Attributes },
  ) =>
    app.request(method, path, {
      token: keeper.token,
      ...(attributes && { body: { data: { type: 'gadgets', attributes } } }),
      ...options,
    });
  /** As the keeper, unless the options have another token. */
  const create = (attributes: Attributes, options: RequestOptions = {}) =>
    write('POST', gadgetsPath, { attributes, ...options });
  const update = (id: number, attributes: Attributes, options: RequestOptions = {}) =>
    write('PATCH', `${gadgetsPath}/${id}`, { attributes, ...options });
  const remove = (id: number, options: RequestOptions = {}) =>
    write('DELETE', `${gadgetsPath}/${id}`, options);
  const show = (id: number, token = keeper.token) => app.request('GET', `${gadgetsPath}/${id}`, { token });
  return { app, keeper, owner, other, group, create, update, remove, show };
}

const lamp = { name: 'Lamp', contact: 'lamp@gadgets.com' };

/** By attribute: values in documents that differ from those of a new gadget, and one that is refused. */
const values: Readonly<Record<string, readonly [good: unknown, bad: unknown, rule: string]>> = {
  name: ['Chair', '\u200b', "can't be blank"],
  nickname: ['Sparkle', 7, 'is not a string'],
  label: ['No 1', 'a\u0000b', 'contains characters that are not allowed'],
  contact: ['Chair@gadgets.com', 'nobody', 'is not an email'],
  recovery: ['second@gadgets.com', '', "can't be blank"],
  order: [7, '7', 'is not an integer'],
  group: [3, 1.5, 'is not an integer'],
  user: ['Ann', false, 'is not a string'],
  model: ['wide', {}, 'is not a string'],
  owner_id: ['2', '0', 'is not an id'],
  part_of_id: ['1', '01', 'is not an id'],
  enabled: [true, 'true', 'is not a boolean'],
  approved: [false, 0, 'is not a boolean'],
  released_at: ['2026-03-17T04:04:00.843+00:00', 'soon', 'is not a time'],
  homepage: ['https://gadgets.com/lamp', 'gadgets.com', 'is not an absolute http(s) URL'],
  time_zone: ['Europe/Zagreb', 'Zagreb', 'is not included in the list'],
  locale: ['hr_HR', 'hr', 'is not included in the list'],
  pairing_code: ['1234', 1234, 'is not a string'],
  switches: [{ light: true }, [], 'is not an object'],
  settings: [[1, 'a', null], 'x'.repeat(70_000), 'is too large (maximum is 65536 bytes)'],
  colors: [['red', 'blue'], ['pink'], 'is not included in the list'],
};

const audiencesOf = (name: string, action: 'create' | 'update'): readonly string[] =>
  gadgets.attributes[name as keyof typeof values]?.[action] ?? [];
const givenBy = (audience: string, action: 'create' | 'update'): string[] =>
  Object.keys(values).filter((name) => audiencesOf(name, action).includes(audience));

test('every attribute of a gadget that anybody may write has values here', () => {
  const writable = gadgets.names.filter((name) =>
    [...audiencesOf(name, 'create'), ...audiencesOf(name, 'update')].some(Boolean),
  );
  assert.deepEqual([...writable].sort(), Object.keys(values).sort());
});

onEachEngine((engine) => {
  test('a POST takes what its caller may give, ignores the rest, and fills in defaults', async (t) => {
    const { app, create, show } = await start(t, engine);
    const first = await create(lamp);
    assert.equal(first.status, 201, first.text);
    assert.equal(first.headers.get('location'), `${app.url}${gadgetsPath}/1`);
    const { updated_at, ...attributes } = first.body.data.attributes;
    assert.equal(Date.parse(updated_at), app.clock.now);
    for (const [name, value] of Object.entries(attributes)) {
      const {
        default: initial = null,
        kind,
        derived,
      } = gadgets.attributes[name as 'order'] as {
        default?: unknown;
        kind: { json?: true };
        derived?: unknown;
      };
      if (name in lamp || derived) continue;
      assert.deepEqual(value, kind.json && initial !== null ? JSON.parse(String(initial)) : initial, name);
    }

    const all = Object.fromEntries(Object.entries(values).map(([name, [good]]) => [name, good]));
    const full = await create({ ...all, updated_at: '2000-01-01', checksum: 'x' });
    assert.equal(full.status, 201, full.text);
    const made = full.body.data.attributes;
    const mine = givenBy('keeper', 'create');
    for (const name of mine) assert.deepEqual(made[name], values[name]![0], name);
    for (const name of ['nickname', 'pairing_code']) {
      assert.ok(!mine.includes(name));
      assert.equal(made[name], null, name);
    }
    assert.equal(Date.parse(made.updated_at), app.clock.now);
    assert.equal(made.part_of_name, 'Lamp');
    assert.equal((await show(2)).text, full.text);
  });

  test('a PATCH sets each attribute, sets it null and sets it again', async (t) => {
    const { app, owner, group, create, update, show } = await start(t, engine);
    await create(lamp);
    const id = await app.addGadget({ owner_id: owner.id, group });
    for (const [name, [good]] of Object.entries(values)) {
      const token = audiencesOf(name, 'update').includes('keeper') ? {} : { token: owner.token };
      const { nullable } = gadgets.attributes[name as 'user'] as { nullable?: true };
      for (const value of nullable ? [good, null, good] : [good]) {
        const answer = await update(id, { [name]: value }, token);
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(answer.body.data.attributes[name], value, name);
      }
      if (!nullable)
        assert.equal(outcome(await update(id, { [name]: null }, token)), '422 invalid_attribute', name);
      // Back to a gadget that its owner sees.
      if (name === 'owner_id' || name === 'group') await update(id, { owner_id: owner.id, group });
    }
    const { attributes } = (await show(id, owner.token)).body.data;
    for (const [name, [good]] of Object.entries(values))
      if (name !== 'owner_id' && name !== 'group') assert.deepEqual(attributes[name], good, name);
  });

  test('each broken rule is an error of its own, and nothing is written', async (t) => {
    const { app, owner, group, create, update, show } = await start(t, engine);
    const id = await app.addGadget({ owner_id: owner.id, group });
    const before = await show(id);
    const bad = Object.fromEntries(Object.entries(values).map(([name, [, wrong]]) => [name, wrong]));
    const expected = (names: readonly string[]) =>
      [
        ...names.map((name) => `data/attributes/${name} ${values[name]![2]}`),
        'data/attributes/size is not a known attribute',
      ].sort();
    const errors = ({ status, body }: Awaited<ReturnType<typeof create>>) => {
      assert.equal(status, 422);
      return body.errors
        .map(
          ({ detail, source }: { detail: string; source: { pointer: string } }) =>
            `${source.pointer} ${detail}`,
        )
        .sort();
    };
    assert.deepEqual(errors(await create({ ...bad, size: 1 })), expected(givenBy('keeper', 'create')));
    assert.deepEqual(errors(await update(id, { ...bad, size: 1 })), expected(givenBy('keeper', 'update')));
    assert.deepEqual(
      errors(await update(id, { ...bad, size: 1 }, { token: owner.token })),
      expected(givenBy('owner', 'update')),
    );
    assert.deepEqual(errors(await create({})), [
      "data/attributes/contact can't be blank",
      "data/attributes/name can't be blank",
    ]);
    assert.deepEqual(errors(await update(id, { owner_id: '999', part_of_id: '999' })), [
      'data/attributes/owner_id is not a known user',
      'data/attributes/part_of_id is not a known gadget',
    ]);
    assert.equal((await show(id)).text, before.text);
    assert.equal((await app.store.read.records(gadgets).state()).rowCount, 1);
  });

  test('no two gadgets have the same identity, in whichever way it is written, also at once', async (t) => {
    const { app, create, update } = await start(t, engine);
    await create({ ...lamp, recovery: 'one@gadgets.com' });
    const id = await app.addGadget();
    const taken = (answer: Awaited<ReturnType<typeof create>>, name: string) => {
      assert.equal(answer.status, 422, answer.text);
      assert.deepEqual(
        answer.body.errors.map(({ detail, source }: { detail: string; source: object }) => [detail, source]),
        [['has already been taken', { pointer: `data/attributes/${name}` }]],
      );
    };
    taken(await create({ name: 'Other', contact: 'LAMP@GADGETS.COM' }), 'contact');
    taken(await update(id, { contact: 'Lamp@gadgets.com' }), 'contact');
    taken(await update(id, { recovery: 'ONE@gadgets.com' }), 'recovery');
    // A different form of the record's own identity is a normal change, and the two identities are independent.
    const own = await update(1, { contact: 'LAMP@gadgets.com' });
    assert.equal(own.body.data.attributes.contact, 'LAMP@gadgets.com');
    assert.equal((await update(id, { recovery: 'lamp@gadgets.com' })).status, 200);

    const racing = { name: 'Racer', contact: 'racer@gadgets.com' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => create(racing)));
    const [won, ...lost] = answers.toSorted((one, two) => one.status - two.status);
    assert.equal(won!.status, 201);
    for (const answer of lost) taken(answer, 'contact');
  });

  test('who is nothing to a gadget may not write it, and what an audience may not give is ignored', async (t) => {
    const { app, keeper, owner, other, group, create, update, remove, show } = await start(t, engine);
    const id = await app.addGadget({ owner_id: owner.id, group, approved: true });
    const hidden = await app.addGadget();
    assert.equal(outcome(await create(lamp, owner)), '403 access_denied');
    assert.equal(outcome(await update(id, { name: 'Mine' }, other)), '403 access_denied');
    assert.equal(outcome(await remove(id, owner)), '403 access_denied');
    for (const answer of [await update(hidden, { name: 'x' }, owner), await remove(hidden, owner)])
      assert.equal(outcome(answer), '404 record_not_found');

    const given = { name: 'Mine', nickname: 'Dear', approved: false, owner_id: String(other.id) };
    const byOwner = await update(id, given, owner);
    assert.deepEqual(
      ['name', 'nickname', 'approved', 'owner_id'].map((name) => byOwner.body.data.attributes[name]),
      ['Mine', 'Dear', true, String(owner.id)],
    );
    // A keeper gives it to another user, who is the owner from then on.
    await update(id, { nickname: 'Ignored', owner_id: String(other.id) }, keeper);
    assert.equal((await show(id)).body.data.attributes.nickname, 'Dear');
    assert.equal(outcome(await update(id, { name: 'Still mine' }, owner)), '403 access_denied');
    assert.equal((await update(id, { nickname: 'Mine now' }, other)).status, 200);
  });

  test('a change that changes nothing keeps revision and time, and any other moves both', async (t) => {
    const { app, create, update, show } = await start(t, engine);
    const made = await create(lamp);
    app.clock.now += 5000;
    const same = await update(1, { ...made.body.data.attributes, name: 'Lamp' });
    assert.equal(same.text, made.text);
    assert.equal(same.headers.get('etag'), made.headers.get('etag'));
    const changed = await update(1, { order: 1 });
    assert.equal(Date.parse(changed.body.data.attributes.updated_at), app.clock.now);
    assert.notEqual(changed.headers.get('etag'), made.headers.get('etag'));
    assert.equal((await app.store.read.records(gadgets).find(1))!.revision, 2);
    // updated_at increases even if the clock is frozen.
    const again = await update(1, { order: 2 });
    assert.equal(Date.parse(again.body.data.attributes.updated_at), app.clock.now + 1);
    assert.equal((await show(1)).text, again.text);
  });

  test('If-Match lets a write through for the version that it names alone', async (t) => {
    const { create, update, remove, show } = await start(t, engine);
    const old = (await create(lamp)).headers.get('etag')!;
    const matching = (etag: string) => ({ headers: { 'If-Match': etag } });
    const current = await update(1, { order: 1 }, matching(old));
    assert.equal(current.status, 200);
    for (const refused of [
      await update(1, { order: 2 }, matching(old)),
      await update(1, { contact: 'new@gadgets.com' }, matching(old)),
      await remove(1, matching(old)),
    ])
      assert.equal(outcome(refused), '412 precondition_failed');
    // RFC 9110 section 13.2.1: other errors come before the precondition.
    assert.equal(outcome(await update(1, { order: 'x' }, matching(old))), '422 invalid_attribute');
    assert.equal((await show(1)).text, current.text);

    const removed = await remove(1, matching(current.headers.get('etag')!));
    assert.equal(removed.status, 204);
    assert.equal(removed.text, '');
    assert.equal(outcome(await show(1)), '404 record_not_found');
    assert.equal(outcome(await remove(1)), '404 record_not_found');
  });

  test('an Idempotency-Key creates one gadget, however often it is sent', async (t) => {
    const { app, create, update } = await start(t, engine);
    const options = { headers: { 'Idempotency-Key': 'one-gadget' } };
    const first = await create(lamp, options);
    assert.equal(first.status, 201);
    const again = await create(lamp, options);
    assert.equal(again.text, first.text);
    await update(1, { order: 9 });
    assert.equal((await create(lamp, options)).body.data.attributes.order, 9);
    const another = await create({ ...lamp, order: 1 }, options);
    assert.equal(outcome(another), '422 idempotency_key_reused');
    assert.equal((await app.store.read.records(gadgets).state()).rowCount, 1);
  });
});
