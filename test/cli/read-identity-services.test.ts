// What is read of the exports of Keycloak, Firebase and Supabase.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importFormatOf } from '../../src/cli/import-export/files/file-format.ts';
import { openSource } from '../../src/cli/import-export/files/read-records.ts';
import { fromSystem } from '../../src/cli/import-export/from-system.ts';
import type { SystemName } from '../../src/cli/import-export/systems/systems.ts';
import { noHashSecrets } from '../../src/security/hash-formats/foreign-hash.ts';
import { hashSecrets } from '../support/foreign-hashes.ts';
import { fixture, fixturePath, readSystem } from '../support/read-system.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-services-'));
after(() => rmSync(folder, { recursive: true }));

const hashConfig = fixturePath('firebase-hash-config.txt');

const reading = (system: SystemName, name: string, text?: string | null, config?: string) =>
  readSystem(folder, system, name, text ?? undefined, hashSecrets, config);

const key = hashSecrets.firebaseSignerKey;

test('organizations that stand behind the users of a realm become their memberships', async () => {
  const read = await reading('keycloak', 'keycloak-realm.json');
  assert.deepEqual(
    read.map(({ email, memberships = [] }) => [
      email,
      memberships.map((one: any) => [one.organization_external_id, one.organization_name]),
    ]),
    [
      [
        'Ann@example.com',
        [
          ['7c2e9f10-5b1d-4a0f-9a3c-0a0b0c0d0e01', 'Acme GmbH'],
          ['7c2e9f10-5b1d-4a0f-9a3c-0a0b0c0d0e02', 'Globex'],
        ],
      ],
      ['bob@example.com', []],
      ['carol@example.com', [['7c2e9f10-5b1d-4a0f-9a3c-0a0b0c0d0e01', 'Acme GmbH']]],
      ['dora@example.com', []],
      ['erik@example.com', []],
      [undefined, []],
      [undefined, []],
    ],
  );
  assert.equal(read[6], 'skipped: is the service account of the client shop');
});

test('what has no place in a realm is kept, without credentials', async () => {
  const [ann, bob, carol] = await reading('keycloak', 'keycloak-realm.json');
  assert.deepEqual(ann.origin, {
    source: 'keycloak',
    external_id: '1f6a0b5e-6a2b-4c1f-8d2e-0c5c3a1b2d01',
    email_verified: true,
    details: {
      username: 'ann',
      totp: true,
      attributes: { phoneNumber: ['+43 1 234567', '+43 660 1234567'] },
      federatedIdentities: [
        { identityProvider: 'google', userId: '108203423423423423423', userName: 'ann@example.com' },
      ],
      groups: ['/staff', '/staff/vienna'],
      realmRoles: ['default-roles-customers', 'editor'],
    },
  });
  assert.deepEqual(
    [ann.locale, ann.time_zone, ann.created_at],
    ['de-AT', 'Europe/Vienna', '2019-03-04T05:05:06.123Z'],
  );
  assert.deepEqual(
    [bob.first_name, bob.last_name, bob.account_access_expires_at, bob.origin.details.enabled],
    ['bob', 'lee', 'now', false],
  );
  // No locale is called so.
  assert.deepEqual([carol.locale, carol.origin.details.locale], [undefined, 'klingon!']);
  assert.equal(carol.organization_role, 'admin');
});

test('a realm in a folder of files comes along with its organizations, joined to lines', async () => {
  const joined = await reading('keycloak', 'keycloak-joined.jsonl');
  assert.deepEqual(
    joined.filter((one) => one !== 'skipped: is the realm'),
    await reading('keycloak', 'keycloak-realm.json'),
  );
});

test('files of users that stand beside a realm are read, and so are users as the API lists them', async () => {
  const users = await reading('keycloak', 'keycloak-users-0.json');
  assert.deepEqual(
    users.map(({ email }) => email),
    ['Ann@example.com', 'bob@example.com'],
  );
  const list = JSON.stringify(JSON.parse(fixture('keycloak-users-0.json')).users);
  assert.deepEqual(await reading('keycloak', 'list.json', list), users);
});

test('credentials from before Keycloak 8 are taken, and one-time passwords are not', async () => {
  const old = {
    type: 'password',
    hashedSaltedValue: 'a',
    salt: 'b',
    hashIterations: 27500,
    algorithm: 'pbkdf2',
  };
  const users = [
    { username: 'ann', credentials: [{ type: 'otp', secretData: '{}' }, old] },
    { username: 'bob', credentials: [{ type: 'otp', secretData: '{}' }] },
  ];
  const [ann, bob] = await reading('keycloak', 'old.json', JSON.stringify({ users }));
  assert.deepEqual(JSON.parse(ann.password_hash), {
    secretData: { value: 'a', salt: 'b' },
    credentialData: { hashIterations: 27500, algorithm: 'pbkdf2' },
  });
  assert.equal(bob.password_hash, undefined);
});

test('the CSV of Firebase, which has no header line, has the accounts of its JSON', async () => {
  const accounts = await reading('firebase', 'firebase.json', null, hashConfig);
  assert.deepEqual(await reading('firebase', 'firebase.csv', null, hashConfig), accounts);
  const [ann, bob] = accounts;
  assert.deepEqual(ann.origin, {
    source: 'firebase',
    external_id: '7Yc0Wn2bq3Zs8vKp1LxRtUeFhGj2',
    email_verified: true,
    details: {
      lastSignedInAt: '1704164645123',
      phoneNumber: '+431234567',
      customAttributes: { admin: true, plan: 'pro' },
      providerUserInfo: [
        {
          providerId: 'google.com',
          rawId: '108203423423423423423',
          email: 'ann@example.com',
          displayName: 'Ann Ångström, MSc',
          photoUrl: 'https://lh3.example.com/a/x=s96-c',
        },
      ],
    },
  });
  assert.deepEqual([bob.account_access_expires_at, bob.origin.details.disabled], ['now', true]);
  assert.equal(accounts[3], 'has no email, only a phone number');
});

test('older CSV of Firebase, with fewer columns, is read', async () => {
  const older = fixture('firebase.csv').replaceAll(/,(?:true|false),(?:"\{.*\}")?,$/gm, ',');
  const [ann] = await reading('firebase', 'older.csv', older, hashConfig);
  assert.deepEqual(
    [ann.email, ann.created_at, ann.origin.details.phoneNumber],
    ['ann@example.com', '2019-03-04T05:05:06.123Z', '+431234567'],
  );
});

const configs: readonly (readonly [what: string, text: string])[] = [
  ['JSON', `{"base64_signer_key":"${key}","base64_salt_separator":"Bw==","rounds":8,"mem_cost":14}`],
  [
    'lines without their braces',
    `base64_signer_key: ${key},\n  base64_salt_separator: Bw==,\nrounds: 8,\nmem_cost: 14`,
  ],
];

for (const [what, text] of configs)
  test(`the hash parameters of Firebase may be ${what}`, async () => {
    const file = join(folder, 'config');
    writeFileSync(file, text);
    const [ann] = await reading('firebase', 'firebase.json', null, file);
    assert.match(ann.password_hash, /^\$fbscrypt\$v=1,n=14,r=8,p=1,ss=Bw==\$42xEC\+ixf3L2lw==\$lSrfV15c/);
  });

const refusedConfigs: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['without a parameter', '{"rounds":8}', /lacks base64_signer_key, base64_salt_separator, mem_cost$/],
  ['that are nothing', 'rounds', /contains neither hash_config \{ … \} nor a JSON object$/],
  [
    'with another algorithm',
    fixture('firebase-hash-config.txt').replace('SCRYPT', 'BCRYPT'),
    /has the algorithm BCRYPT/,
  ],
  [
    'of another project',
    fixture('firebase-hash-config.txt').replace('jxspr8', 'AAAAAA'),
    /^MUSTER_FIREBASE_SIGNER_KEY has another value than base64_signer_key in .*config\. Set it to/,
  ],
];

for (const [what, text, message] of refusedConfigs)
  test(`hash parameters ${what} are refused before the first row`, async () => {
    const file = join(folder, 'config');
    writeFileSync(file, text);
    await assert.rejects(reading('firebase', 'firebase.json', null, file), { message });
  });

test('an import of Firebase says which setting its hashes need', async () => {
  await assert.rejects(
    readSystem(folder, 'firebase', 'firebase.json', undefined, noHashSecrets, hashConfig),
    {
      message:
        /^MUSTER_FIREBASE_SIGNER_KEY is not set\. Set it to the value of base64_signer_key in .*txt, for the import and for the service/,
    },
  );
});

for (const name of ['firebase.json', 'firebase.csv'])
  test(`${name} with hashes, and without their parameters, is refused before its first row`, async () => {
    const opening = openSource(fixturePath(name), {
      ...(await fromSystem('firebase', importFormatOf(name), undefined, hashSecrets)),
      ...{ format: importFormatOf(name), from: 1, fromUnit: null, signal: new AbortController().signal },
    });
    await assert.rejects(opening, { message: /: add --hash-config FILE/ });
  });

test('a Firebase export without hashes needs no parameters, and one that hides them is refused', async () => {
  const { users } = JSON.parse(fixture('firebase.json'));
  const without = users.map(({ passwordHash: _, salt: __, ...user }: any) => user);
  const read = await reading('firebase', 'none.json', JSON.stringify({ users: without }));
  assert.equal(read[0].password_hash, undefined);
  const hidden = users.map((user: any) => ({ ...user, passwordHash: 'UkVEQUNURUQ=' }));
  await assert.rejects(reading('firebase', 'hidden.json', JSON.stringify({ users: hidden }), hashConfig), {
    message: /REDACTED.*firebaseauth\.configs\.getHashConfig/,
  });
});

test('auth.users of Supabase is the same as CSV and as JSON', async () => {
  const csv = await reading('supabase', 'supabase.csv');
  const json = await reading('supabase', 'supabase.json');
  const common = (accounts: readonly any[]) =>
    accounts.map((one) =>
      typeof one === 'string' ? one : { ...one, origin: { ...one.origin, details: 0 } },
    );
  assert.deepEqual(common(csv), common(json));
  const [ann, bob, carol, erik, gone, anonymous, phone] = json;
  assert.deepEqual(
    [ann, bob, carol, erik].map((one) => [one.first_name, one.last_name, one.account_access_expires_at]),
    [
      ['Ann', 'Ångström', undefined],
      ['bob', 'lee', 'now'],
      // Banned for some time only.
      ['Carol', 'van der Berg', undefined],
      ['Erik', 'Berg', undefined],
    ],
  );
  assert.deepEqual([gone, anonymous], ['skipped: has been deleted', 'skipped: is an anonymous account']);
  assert.equal(phone, 'has no email, only a phone number');
  assert.equal(carol.origin.details.banned_until, '2027-01-02T03:04:05+00:00');
  assert.equal(JSON.stringify(csv).includes('pkce_'), false);
  assert.deepEqual(csv[0].origin.details.raw_app_meta_data, json[0].origin.details.raw_app_meta_data);
});

test('the signer key in a hash of Supabase is taken out, and must be the one that is set', async () => {
  const [, , carol] = await reading('supabase', 'supabase.csv');
  assert.match(carol.password_hash, /^\$fbscrypt\$v=1,n=14,r=8,p=1,ss=Bw==\$/);
  const other = fixture('supabase.csv').replace('sk=jxspr8', 'sk=AAAAAA');
  assert.equal(
    (await reading('supabase', 'other.csv', other))[2],
    'password_hash has another signer key (sk=) than MUSTER_FIREBASE_SIGNER_KEY',
  );
});

const wrong: readonly (readonly [SystemName, name: string, message: RegExp])[] = [
  [
    'keycloak',
    'firebase.json',
    /^The file does not come from Keycloak: its first object lacks username or realm, and looks like an export for --from firebase$/,
  ],
  [
    'firebase',
    'keycloak-realm.json',
    /^The file does not come from Firebase: its first object lacks localId, and looks like an export for --from keycloak$/,
  ],
  [
    'firebase',
    'supabase.csv',
    /^line 1 has 35 cells, but the file must have these 28 columns: localId, email/,
  ],
  [
    'supabase',
    'keycloak-users-0.json',
    /^The file does not come from Supabase: its first object lacks id, email, encrypted_password, and looks like an export for --from keycloak$/,
  ],
  ['keycloak', 'firebase.csv', /^Keycloak is imported from JSON, not from CSV$/],
];

for (const [system, name, message] of wrong)
  test(`${name} is refused as a whole where it should be of ${system}`, async () => {
    await assert.rejects(reading(system, name, null, system === 'firebase' ? hashConfig : undefined), {
      message,
    });
  });

test('what is named as a secret in attributes, claims and metadata is not kept', async () => {
  const inside = { plan: 'pro', api_token: 'abc', nested: [{ password: 'abc', n: 1 }] };
  const kept = { plan: 'pro', nested: [{ n: 1 }] };
  const email = 'ann@example.com';
  const details = async (system: SystemName, name: string, account: Readonly<Record<string, unknown>>) =>
    (await reading(system, name, JSON.stringify([{ email, ...account }])))[0].origin.details;
  const keycloak = await details('keycloak', 'k.json', { username: 'ann', attributes: inside });
  assert.deepEqual(keycloak, { username: 'ann', attributes: kept });
  const claims = { localId: 'a', customAttributes: JSON.stringify(inside) };
  assert.deepEqual(await details('firebase', 'f.json', claims), { customAttributes: kept });
  const row = { id: 'a', encrypted_password: '', raw_app_meta_data: inside, my_secret: 'abc' };
  assert.deepEqual(await details('supabase', 's.json', row), { raw_app_meta_data: kept });
});
