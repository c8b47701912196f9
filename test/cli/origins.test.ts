// Accounts of other systems keep where they have come from: their ids there, and what has no other place.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeAccounts } from '../support/account-files.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';
import { onEachEngine } from '../support/engines.ts';

const timeout = 180_000;

type Fields = Readonly<Record<string, unknown>>;

const person = (name: string, externalId: string | null, more: Fields = {}) => ({
  email: `${name}@example.com`,
  first_name: name,
  last_name: 'Lee',
  origin: { source: 'crm', external_id: externalId },
  ...more,
});

const inTeam = (id: string, more: Fields = {}) => ({
  memberships: [{ organization_external_id: id, organization_name: `Team ${id}`, ...more }],
});

/** The counts and the reasons of refused rows. */
async function importing({ attempt, dataDir }: CommandLine, rows: readonly Fields[], ...more: string[]) {
  const file = writeAccounts(dataDir, 'rows', 'ndjson', rows);
  const { stdout, stderr } = await attempt('users', 'import', file, ...more, '--json');
  const { created, existing } = JSON.parse(stdout);
  return {
    created,
    existing,
    reasons: [...stderr.matchAll(/^line \d+: (.*)$/gm)].map(([, reason]) => reason),
  };
}

onEachEngine((engine) => {
  test('an account is known by its id in the other system, also when its address there has changed', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    const rows = [person('ann', 'a1'), person('bob', null), person('ann2', 'a1'), person('cy', 'a3')];
    for (const more of [['--dry-run'], []])
      assert.deepEqual(await importing(muster, rows, ...more), { created: 3, existing: 1, reasons: [] });
    const moved = [person('anna', 'a1'), person('bob', null), person('dee', 'a4')];
    for (const more of [['--dry-run'], []])
      assert.deepEqual(await importing(muster, moved, ...more), { created: 1, existing: 2, reasons: [] });
    // An id of another system is another account.
    const other = person('eve', 'a1', { origin: { source: 'shop', external_id: 'a1' } });
    assert.deepEqual(await importing(muster, [other]), { created: 1, existing: 0, reasons: [] });

    const found = await muster.json('users', 'find', '--external-id', 'a1');
    assert.deepEqual(
      found.map((user: Fields) => [user.email, user.source]),
      [
        ['ann@example.com', 'crm'],
        ['eve@example.com', 'shop'],
      ],
    );
    const [one] = await muster.json('users', 'find', '--external-id', 'a1', '--source', 'shop');
    assert.equal(one.email, 'eve@example.com');
    assert.match(
      await muster.fail('users', 'find', '--external-id', 'a9'),
      /There is no user with the id a9/,
    );
  });

  test('of two accounts of one system with one address the second is refused, and the reason has the id of the first', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    const reason = 'email belongs to another account of the same system, with the id a1';
    const ann = person('ann', 'a1');
    const rows = [ann, { ...person('ANN', 'a2'), id: '7' }, person('Ann', 'a3'), person('ann', null)];
    const byId = 'email belongs to another account of the same system, with the id "b 1"';
    const bob = [person('bob', 'b 1'), { ...person('bob', 'b2'), id: '9' }];
    for (const more of [['--dry-run'], []]) {
      assert.deepEqual(await importing(muster, rows, ...more), {
        created: 1,
        existing: 1,
        reasons: [reason, reason],
      });
    }
    for (const more of [['--dry-run'], []])
      assert.deepEqual(await importing(muster, bob, ...more), { created: 1, existing: 0, reasons: [byId] });
    // Again, and with the domain written in another way.
    for (const more of [['--dry-run'], []])
      assert.deepEqual(await importing(muster, [...rows, { ...ann, email: 'ann@EXAMPLE.com' }], ...more), {
        created: 0,
        existing: 3,
        reasons: [reason, reason],
      });
    // Another system, and an account that has no id there.
    await importing(muster, [person('cy', null, { origin: null })]);
    const others = [
      person('ann', 's1', { origin: { source: 'shop', external_id: 's1' } }),
      person('cy', 'c1'),
    ];
    for (const more of [['--dry-run'], []])
      assert.deepEqual(await importing(muster, others, ...more), { created: 0, existing: 2, reasons: [] });
  });

  test('what a file tells of the other system is shown, and comes back from an export', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    const details = { plan: 'pro', n: 12345678901234567890n.toString(), nested: [{ a: null }] };
    const origin = { source: 'crm', external_id: 'ü 1', email_verified: true, details };
    await importing(muster, [person('ann', null, { origin }), person('bob', null, { origin: null })]);
    assert.deepEqual((await muster.json('users', 'show', 'ann@example.com')).origin, origin);
    assert.equal((await muster.json('users', 'show', 'bob@example.com')).origin, null);
    for (const ending of ['csv', 'ndjson']) {
      const file = join(muster.dataDir, `all.${ending}`);
      await muster.attempt('users', 'export', file);
      const other = await commandLine(t);
      assert.equal((await other.attempt('users', 'import', file)).code, 0);
      assert.deepEqual((await other.json('users', 'show', 'ann@example.com')).origin, origin);
    }
  });

  test('organizations of the other system are made once, and are found by their ids', {
    timeout,
  }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await muster.run('organizations', 'create', 'Own');
    const rows = [
      person('ann', 'a', inTeam('t1', { role: 'owner' })),
      person('bob', 'b', { memberships: [...inTeam('t1').memberships, ...inTeam('t2').memberships] }),
      person('cy', 'c', { organization_role: 'admin' }),
    ];
    assert.equal((await importing(muster, rows, '--organization', '1')).created, 3);
    assert.equal(
      (await importing(muster, [...rows, person('dee', 'd', inTeam('t2'))], '--organization', '1')).created,
      1,
    );
    const list = await muster.json('organizations', 'list');
    assert.deepEqual(
      list.map(({ name }: Fields) => name),
      ['Own', 'Team t1', 'Team t2'],
    );
    const { source, external_id } = await muster.json('organizations', 'show', '3');
    assert.deepEqual([source, external_id], ['crm', 't2']);
    const members = await muster.json('members', 'list');
    assert.deepEqual(
      members.map((one: Fields) => [one.organization_name, one.email, one.role]),
      [
        ['Own', 'cy@example.com', 'admin'],
        ['Team t1', 'ann@example.com', 'owner'],
        ['Team t1', 'bob@example.com', 'member'],
        ['Team t2', 'bob@example.com', 'member'],
        ['Team t2', 'dee@example.com', 'member'],
      ],
    );
    assert.equal((await muster.json('users', 'show', 'bob@example.com')).default_organization_id, 2);
  });

  test('people show the id in the other system, also those who join later', { timeout }, async (t) => {
    const muster = await commandLine(t, {}, engine);
    await importing(muster, [person('ann', 'a1', inTeam('t1')), person('bob', null, inTeam('t1'))]);
    await muster.run('organizations', 'create', 'Later');
    await muster.run('members', 'add', '2', 'ann@example.com');
    const people = async (organization: string) =>
      muster.json('people', 'list', '--organization', organization);
    const ids = async (organization: string) => {
      const listed: Fields[] = await people(organization);
      const shown = await Promise.all(listed.map(({ id }) => muster.json('people', 'show', String(id))));
      return shown.map((one) => [one.email, one.external_id]);
    };
    assert.deepEqual(await ids('1'), [
      ['ann@example.com', 'a1'],
      ['bob@example.com', null],
    ]);
    assert.deepEqual(await ids('2'), [['ann@example.com', 'a1']]);
  });
});

const refused: readonly (readonly [more: Fields, reason: string])[] = [
  [
    { origin: 'crm' },
    'origin must be an object with a source: small letters, digits, dots, hyphens and underscores',
  ],
  [{ origin: { source: 'crm', id: 1 } }, 'origin has an unknown key "id"'],
  [{ origin: { source: 'crm', external_id: 7 } }, 'origin has an external_id that is not a string'],
  [
    { origin: { source: 'crm', email_verified: 'yes' } },
    'origin has an email_verified that is not true or false',
  ],
  [{ origin: { source: 'crm', details: [] } }, 'origin has details that are not an object'],
  [
    { origin: { source: 'crm', details: { a: 'x'.repeat(16_384), b: 1 } } },
    'origin has more than 16 KiB of details, most of it in a',
  ],
  [{ organization_role: 'emperor' }, 'organization_role is not one of owner, admin, member'],
  [
    { origin: null, ...inTeam('t1') },
    'memberships has an organization_external_id, but the row has no origin',
  ],
  [inTeam(''), "memberships has an organization_external_id that can't be blank"],
  [inTeam('t1', { organization_name: null }), 'memberships has an organization_name that is not a string'],
  [
    inTeam('t1', { organization_id: 1 }),
    'memberships cannot have both organization_id and organization_external_id',
  ],
  [
    { memberships: [...inTeam('t1').memberships, ...inTeam('t1').memberships] },
    'memberships names organization t1 twice',
  ],
];

test('an origin that cannot be kept is refused with the reason', { timeout }, async (t) => {
  const muster = await commandLine(t);
  const rows = refused.map(([more], i) => person(`p${i}`, `e${i}`, more));
  const { reasons } = await importing(muster, rows);
  assert.deepEqual(
    reasons,
    refused.map(([, reason]) => reason),
  );
});
