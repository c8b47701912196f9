// LDIF of directories: its form (RFC 2849), and what becomes of its entries.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fromSystem } from '../../src/cli/import-export/from-system.ts';
import { readAccounts } from '../support/read-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-ldif-'));
after(() => rmSync(folder, { recursive: true }));

async function read(text: string | Buffer) {
  return readAccounts(folder, 'a.ldif', text, await fromSystem('ldif', 'ldif', undefined, null));
}

/** The fields of the only account. */
async function readOne(text: string): Promise<any> {
  const accounts = (await read(text)).filter(([, account]) => typeof account === 'object');
  assert.equal(accounts.length, 1);
  return accounts[0]![1];
}

const person = (values: string, dn = 'uid=ann,dc=example,dc=com') =>
  `dn: ${dn}\nobjectClass: inetOrgPerson\nmail: ann@example.com\n${values}`;

test('lines that begin with a space go on, comments are left out, and each kind of value is read', async () => {
  const { first_name, last_name, origin } = await readOne(
    [
      'version: 1',
      '# A comment',
      '  that goes on',
      'dn: uid=ann,dc=example,',
      ' dc=com',
      'objectclass: inetOrgPerson',
      `GIVENNAME:: ${Buffer.from('Änne').toString('base64')}`,
      'sn:Lee',
      'mail:  ann@example.com',
      'title;lang-de: Chefin',
      'description: one',
      'description: two',
      'empty:',
      'note:: AP/+',
      'photoUri:< file:///tmp/photo.jpg',
      '',
    ].join('\r\n'),
  );
  assert.deepEqual([first_name, last_name], ['Änne', 'Lee']);
  assert.deepEqual(origin.details, {
    dn: 'uid=ann,dc=example,dc=com',
    objectclass: 'inetOrgPerson',
    'title;lang-de': 'Chefin',
    description: ['one', 'two'],
    photoUri: 'file:///tmp/photo.jpg',
  });
});

test('LDIF in UTF-16, as ldifde -u writes it, is read', async () => {
  const text = `\ufeff${person('sn: Größe\n')}`;
  const [[, account]] = (await read(Buffer.from(text, 'utf16le'))) as any;
  assert.equal(account.last_name, 'Größe');
});

const broken: readonly (readonly [what: string, entry: string, problem: string])[] = [
  ['base64', 'cn:: ä\n', 'has a line 8 that is not valid base64'],
  ['a line', 'no colon\n', 'has a line 8 that is not a name, a colon and a value'],
  ['the empty line', 'dn: uid=eve\n', 'needs an empty line before line 8'],
  ['an entry', 'changetype: modify\n-\n', 'is a change (changetype: modify), not an entry'],
];

for (const [what, entry, problem] of broken)
  test(`a record is refused, and those around it are read, where ${what} is not right`, async () => {
    const one = person('sn: Lee\n');
    const accounts = await read(`${one}\n${one.replace('sn: Lee\n', '')}${entry}\n${one}`);
    assert.deepEqual(
      accounts.map(([line, account]) => [line, typeof account === 'string' ? account : 'account']),
      [
        [1, 'account'],
        [6, problem.replaceAll('line 8', 'line 9')],
        [6 + entry.split('\n').length + 3, 'account'],
      ],
    );
  });

test('the end of what ldapsearch prints is no account, nor is what it says of other servers', async () => {
  const text = `# extended LDIF\n#\n# LDAPv3\n\n${person('')}\n# search reference\nref: ldap://b/\n\n# search result\nsearch: 2\nresult: 0 Success\n\n# numEntries: 1\n`;
  assert.deepEqual(
    (await read(text)).map(([, account]) => (typeof account === 'string' ? account : 'account')),
    ['account', 'skipped: is a note of ldapsearch', 'skipped: is a note of ldapsearch'],
  );
});

const wrong: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['JSON', '{"dn":\n"x"}\n', /^The file is not LDIF: the record on line 1 has a line 1 that is not a name/],
  ['CSV', 'mail,cn\nann@example.com,Ann\n', /^The file is not LDIF: the record on line 1 has a line 1/],
  [
    'changes',
    '\ndn: uid=ann\nchangetype: delete\n',
    /^The file has changes of a directory, not its entries \(changetype: delete on line 2\)\. Export/,
  ],
];

for (const [what, text, message] of wrong)
  test(`a file with ${what} is refused as a whole`, async () => {
    await assert.rejects(read(text), { message });
  });

test('the nearest organization above a person becomes theirs, and groups stay in the details', async () => {
  const text = `${person('', 'uid=Ann\\2C a , OU=b, o=Acme, dc=x')}
dn: dc=x
objectClass: organization
o: Everybody

dn: o=acme,dc=x
objectClass: organization
o: Acme Ltd

dn: cn=admins,o=acme,dc=x
objectClass: groupOfUniqueNames
cn: admins
uniqueMember: UID=ann\\, A,ou=B,o=acme,dc=x
uniqueMember: uid=other,o=acme,dc=x
`;
  const { memberships, origin } = await readOne(text);
  assert.deepEqual(memberships, [{ organization_external_id: 'o=acme,dc=x', organization_name: 'Acme Ltd' }]);
  assert.deepEqual(origin.details.groups, ['admins']);
});

const ends: readonly (readonly [what: string, values: string, end: RegExp | undefined])[] = [
  ['nsAccountLock', 'nsAccountLock: TRUE', /^20/],
  ['nsRoleDN', 'nsRoleDN: cn=nsManagedDisabledRole,dc=x', /^20/],
  ['a locked password', 'userPassword: {CRYPT}!$6$abc$def', /^20/],
  ['pwdAccountLockedTime', 'pwdAccountLockedTime: 20230506070809.123Z', /^2023-05-06T07:08:09.123Z$/],
  ['userAccountControl', 'userAccountControl: 66050', /^20/],
  ['accountExpires', 'accountExpires: 133481088000000000', /^2023-12-27T00:00:00.000Z$/],
  ['shadowExpire', 'shadowExpire: 19000', /^2022-01-08T00:00:00.000Z$/],
  ['shadowExpire that means never', 'shadowExpire: -1', undefined],
  ['accountExpires that means never', 'accountExpires: 9223372036854775807', undefined],
];

for (const [what, values, end] of ends)
  test(`access ends by ${what}`, async () => {
    const { account_access_expires_at: given } = await readOne(person(`${values}\n`));
    if (end === undefined) assert.equal(given, undefined);
    else assert.match(given, end);
  });

test('a lock is none where the policy of the directory ends it', async () => {
  const policy = 'dn: cn=policy\nobjectClass: pwdPolicy\npwdLockoutDuration: 900\n\n';
  const account = await readOne(`${policy}${person('pwdAccountLockedTime: 20230506070809Z\n')}`);
  assert.equal(account.account_access_expires_at, undefined);
  assert.equal(account.origin.details.pwdAccountLockedTime, '20230506070809Z');
});

test('of several passwords the hash is taken, and none that another service checks', async () => {
  const several = await readOne(person('userPassword: {SASL}ann@X\nuserPassword: {SSHA}abc\n'));
  assert.equal(several.password_hash, '{SSHA}abc');
  const none = await readOne(person('userPassword: {SASL}ann@X\nuserPassword: {CRYPT}*\n'));
  assert.deepEqual([none.password, none.password_hash], [undefined, undefined]);
  assert.equal((await readOne(person('userPassword: secret words\n'))).password, 'secret words');
});

test('secrets of a directory are in no details, and states of passwords are', async () => {
  const secrets = [
    ...['userPassword: {SSHA}abc', 'krbprincipalkey: abc', 'sambaNTPassword: abc', 'apiToken: abc'],
    ...['pwdHistory: abc', 'PWDHISTORY;x-a: abc', 'userCertificate;binary:: AP8='],
  ];
  const states = { pwdChangedTime: '20230506070809Z', badPwdCount: '1', pwdLastSet: '132734313056894764' };
  const lines = [...secrets, ...Object.entries(states).map(([name, value]) => `${name}: ${value}`)];
  const { origin } = await readOne(person(`${lines.join('\n')}\n`));
  assert.deepEqual(origin.details, {
    dn: 'uid=ann,dc=example,dc=com',
    objectClass: 'inetOrgPerson',
    ...states,
  });
});

test('a search for some attributes has accounts too, and a person who is a group is a person', async () => {
  const selection = await read('dn: uid=ann\nmail: ann@example.com\ncn: Ann Lee\n\ndn: ou=b\nou: b\n');
  assert.deepEqual(
    selection.map(([, account]: any) => account.last_name ?? account),
    ['Lee', 'skipped: is no person'],
  );
  assert.equal((await readOne(person('objectClass: posixGroup\nsn: Lee\n'))).last_name, 'Lee');
});
