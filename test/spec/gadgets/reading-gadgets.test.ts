// Documents, ETags and visibility of the toy resource: all follow from its definition and its access file.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RecordOf } from '../../../src/model/resource.ts';
import { assertError } from '../../support/assert-error.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import type { Answer } from '../../support/start-app.ts';
import { gadgets } from '../../support/toy/gadgets.ts';
import { type GadgetsApp, gadgetsPath, startGadgets } from '../../support/toy/start-gadgets.ts';

interface Person {
  readonly id: number;
  readonly token: string;
}

const idsOf = ({ body }: Answer): number[] => body.data.map(({ id }: { id: string }) => Number(id));
const tagOf = ({ headers }: Answer) => headers.get('etag')!;

async function start(t: TestContext, engine: EngineName) {
  const app = await startGadgets(t, engine);
  const organizationId = await app.createOrganization();
  return {
    app,
    organizationId,
    keeper: await app.createUser({ sysadmin: ['manage_organizations'] }),
    owner: await app.createUser({ organizationId }),
    neighbour: await app.createUser({ organizationId }),
    stranger: await app.createUser(),
  };
}

const get = (app: GadgetsApp, { token }: Person, path = '', headers = {}) =>
  app.request('GET', gadgetsPath + path, { token, headers });

onEachEngine((engine) => {
  test('a gadget is shown with its attributes in the order of the definition, as their kinds write them', async (t) => {
    const { app, keeper, owner } = await start(t, engine);
    const whole = await app.addGadget({ name: 'Desk', model: 'wide' });
    const id = await app.addGadget({
      ...{
        name: 'Lamp',
        nickname: null,
        label: 'No 7',
        order: -3,
        group: 7,
        user: 'Ann',
        owner_id: owner.id,
      },
      ...{ part_of_id: whole, enabled: true, approved: false, released_at: 0, homepage: 'https://a.b' },
      ...{ time_zone: 'Europe/Zagreb', locale: 'hr_HR', switches: '{"a":1.0}', settings: '[1e2]' },
      ...{ colors: '["red"]', pairing_code: 'secret' },
    });
    const { status, text, body } = await get(app, keeper, `/${id}`);
    assert.equal(status, 200);
    assert.equal(body.data.type, 'gadgets');
    assert.equal(body.data.id, String(id));
    const { attributes } = body.data;
    assert.deepEqual(Object.keys(attributes), gadgets.names);
    assert.match(text, /"switches":\{"a":1\.0\},"settings":\[1e2\],"colors":\["red"\]/);
    assert.match(attributes.checksum, /^[0-9a-f]{8}$/);
    const { updated_at: _at, checksum: _sum, switches: _a, settings: _b, colors: _c, ...rest } = attributes;
    assert.deepEqual(rest, {
      ...{ name: 'Lamp', nickname: null, label: 'No 7', contact: 'gadget2@gadgets.com', recovery: null },
      ...{ order: -3, group: 7, user: 'Ann', model: 'basic', owner_id: String(owner.id) },
      ...{ owner_email: (await app.store.read.records(gadgets).find(id))!.owner_email },
      ...{ part_of_id: String(whole), part_of_name: 'Desk', part_of_model: 'wide' },
      ...{ enabled: true, approved: false, released_at: '1970-01-01T00:00:00.000+00:00' },
      ...{ homepage: 'https://a.b', time_zone: 'Europe/Zagreb', locale: 'hr_HR', pairing_code: null },
    });
  });

  test('each audience sees what is open to it, one by one and in lists, however often they ask', async (t) => {
    const { app, organizationId, keeper, owner, neighbour } = await start(t, engine);
    const id = await app.addGadget({ group: organizationId, owner_id: owner.id, pairing_code: 'secret' });
    const seen = ({ pairing_code, owner_email }: RecordOf<typeof gadgets>) => [
      pairing_code,
      owner_email !== null,
    ];
    for (let round = 0; round < 3; round++)
      for (const [person, ...expected] of [
        [owner, 'secret', true],
        [neighbour, null, false],
        [keeper, null, true],
      ] as const) {
        assert.deepEqual(seen((await get(app, person, `/${id}`)).body.data.attributes), expected);
        const { body } = await get(app, person, '?page[after]=');
        assert.deepEqual(seen(body.data[0].attributes), expected);
      }
    // A new owner belongs to another audience from the next request on.
    await app.store.changeRecord(gadgets, id, async () => ({ owner_id: neighbour.id }));
    for (const [person, code] of [
      [owner, null],
      [neighbour, 'secret'],
    ] as const) {
      assert.equal((await get(app, person, `/${id}`)).body.data.attributes.pairing_code, code);
      assert.equal((await get(app, person)).body.data[0].attributes.pairing_code, code);
    }
  });

  test('what is not linked with an organization of the caller does not exist', async (t) => {
    const { app, organizationId, keeper, owner, stranger } = await start(t, engine);
    const second = await app.createOrganization();
    const lent = [
      await app.addGadget({ group: organizationId }),
      await app.addGadget({ group: organizationId }),
    ];
    const elsewhere = await app.addGadget({ group: second });
    const unlent = await app.addGadget();
    assert.deepEqual(idsOf(await get(app, owner)), lent);
    assert.deepEqual(idsOf(await get(app, stranger)), []);
    assert.deepEqual(idsOf(await get(app, keeper)), [...lent, elsewhere, unlent]);
    for (const id of [elsewhere, unlent, 999])
      assertError(await get(app, owner, `/${id}`), 404, 'record_not_found');
    assert.equal((await get(app, owner, `/${lent[0]}`)).status, 200);
    assertError(await get(app, stranger, `/${lent[0]}`), 404, 'record_not_found');
    // A member of both organizations sees the gadgets of both.
    await app.store.write((transaction) => setMember(transaction, second, owner.id, 'member', app.clock.now));
    assert.deepEqual(idsOf(await get(app, owner)), [...lent, elsewhere]);
    assert.equal((await get(app, owner, `/${elsewhere}`)).status, 200);
    const narrow = { 'X-Organization-Id': String(second) };
    assert.deepEqual(idsOf(await get(app, owner, '', narrow)), [elsewhere]);
    assertError(await get(app, owner, `/${lent[0]}`, narrow), 404, 'record_not_found');
    assertError(await get(app, stranger, '', narrow), 403, 'access_denied');
  });

  test('a tag changes with the gadget, with what it shows of others, and with who looks', async (t) => {
    const { app, organizationId, keeper, owner, neighbour } = await start(t, engine);
    const whole = await app.addGadget({ name: 'Desk' });
    const id = await app.addGadget({ group: organizationId, owner_id: owner.id, part_of_id: whole });
    const tags = new Set<string>();
    const fresh = async (person: Person) => {
      const tag = tagOf(await get(app, person, `/${id}`));
      assert.ok(!tags.has(tag), tag);
      tags.add(tag);
      assert.equal((await get(app, person, `/${id}`, { 'If-None-Match': tag })).status, 304);
      assertError(await get(app, person, `/${id}`, { 'If-Match': '"other"' }), 412, 'precondition_failed');
    };
    await fresh(keeper);
    await fresh(owner);
    await fresh(neighbour);
    await app.store.changeRecord(gadgets, id, async () => ({ order: 1 }));
    await fresh(keeper);
    await app.store.changeRecord(gadgets, whole, async () => ({ name: 'Table' }));
    await fresh(keeper);
    assert.equal((await get(app, keeper, `/${id}`)).body.data.attributes.part_of_name, 'Table');
  });

  test('a list has another tag after each change, and shows it', async (t) => {
    const { app, keeper } = await start(t, engine);
    const whole = await app.addGadget({ name: 'Desk' });
    const id = await app.addGadget({ part_of_id: whole });
    const path = '?sort=-id';
    const list = (headers = {}) => get(app, keeper, path, headers);
    for (let round = 0; round < 3; round++) await list();
    const changes: [() => Promise<unknown>, (attributes: any) => unknown, unknown][] = [
      [() => app.store.changeRecord(gadgets, id, async () => ({ order: 5 })), ({ order }) => order, 5],
      [
        () => app.store.changeRecord(gadgets, whole, async () => ({ name: 'Table' })),
        ({ part_of_name }) => part_of_name,
        'Table',
      ],
      [
        () => app.store.write(({ records }) => records(gadgets).delete(whole)),
        ({ part_of_name }) => part_of_name,
        null,
      ],
    ];
    for (const [change, read, expected] of changes) {
      const before = tagOf(await list());
      assert.equal((await list({ 'If-None-Match': before })).status, 304);
      await change();
      const { status, body } = await list({ 'If-None-Match': before });
      assert.equal(status, 200);
      assert.equal(read(body.data[0].attributes), expected);
    }
    // Changes of only users do not change the list.
    const before = tagOf(await list());
    await app.createUser();
    assert.equal((await list({ 'If-None-Match': before })).status, 304);
  });

  test('users and gadgets with one id are never taken for each other', async (t) => {
    const { app, keeper } = await start(t, engine);
    const id = await app.addGadget();
    for (let round = 0; round < 4; round++) {
      assert.equal((await get(app, keeper, `/${id}`)).body.data.type, 'gadgets');
      const user = await app.request('GET', `/api/v2/users/${id}`, { token: keeper.token });
      assert.equal(user.body.data.type, 'users');
      assert.equal(tagOf(await get(app, keeper, '?fields[gadgets]=name')).length > 0, true);
    }
  });
});
