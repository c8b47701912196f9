// Refused rows of other systems, in the file of --rejects: once mended, they are imported with the same --from.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandLine } from '../support/command-line.ts';

/** A person who is refused for the text `wrong`, which is mended to `right`. */
interface Refused {
  readonly system: string;
  /** Ends as the files of the system do. */
  readonly file: string;
  readonly text: string;
  readonly wrong: string;
  readonly right: string;
  readonly memberships?: readonly string[];
  /** Part of the details. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const firebaseRow = (id: string, email: string) =>
  [
    id,
    email,
    'true',
    '',
    '',
    'Ann Lee',
    ...Array(16).fill(''),
    '1601969610512',
    '1709288430000',
    '',
    '',
    ...Array(3).fill(''),
  ].join();

const files: readonly Refused[] = [
  {
    system: 'auth0',
    file: 'lines.json',
    text: '{"user_id":"auth0|1","email":"bob@example.com"}\n{"user_id":"auth0|2","email":"ann"}\n',
    wrong: '"ann"',
    right: '"ann@example.com"',
  },
  {
    system: 'auth0',
    file: 'list.json',
    text: '[{"user_id":"1","email":"bob@example.com"},\n{"user_id":"2","email":"ann","n":1.50}]',
    wrong: '"ann"',
    right: '"ann@example.com"',
  },
  {
    system: 'keycloak',
    file: 'realm.json',
    text: JSON.stringify({
      realm: 'acme',
      organizations: [
        { id: 'o1', name: 'Acme', alias: 'acme', members: [{ username: 'ann' }, { username: 'bob' }] },
      ],
      users: [
        { id: 'k1', username: 'bob', email: 'bob@example.com', enabled: true },
        { id: 'k2', username: 'ann', email: 'ann', enabled: true },
      ],
      roles: { realm: [] },
    }),
    wrong: '"email":"ann"',
    right: '"email":"ann@example.com"',
    memberships: ['Acme'],
  },
  {
    system: 'ldif',
    file: 'people.ldif',
    text: `dn: o=Acme
objectClass: organization
o: Acme

dn: uid=ann,o=Acme
objectClass: inetOrgPerson
uid: ann
cn: Ann Lee
sn: Lee

dn: uid=bob,o=Acme
objectClass: inetOrgPerson
uid: bob
cn: Bob Ray
sn: Ray
mail: bob@example.com

dn: cn=staff,o=Acme
objectClass: groupOfNames
cn: staff
member: uid=ann,o=Acme
`,
    wrong: 'uid: ann\n',
    right: 'uid: ann\nmail: ann@example.com\n',
    memberships: ['Acme'],
    details: { groups: ['staff'] },
  },
  {
    system: 'laravel',
    file: 'users.tsv',
    text: 'id\tname\temail\tpassword\tcreated_at\tnote\n1\tBob\tbob@example.com\tNULL\tNULL\ta\\tb\n2\tAnn Lee\tann\tNULL\tNULL\t"x"\\ty\n',
    wrong: '\tann\t',
    right: '\tann@example.com\t',
    details: { note: '"x"\ty' },
  },
  {
    system: 'firebase',
    file: 'users.csv',
    text: `${firebaseRow('f1', 'bob@example.com')}\n${firebaseRow('f2', 'ann')}\n`,
    wrong: ',ann,',
    right: ',ann@example.com,',
  },
];

for (const { system, file, text, wrong, right, memberships = [], details = {} } of files)
  test(`refused accounts of ${system} in ${file} are mended in the file of --rejects`, async (t) => {
    const muster = await commandLine(t);
    const [whole, rejects] = [join(muster.dataDir, file), join(muster.dataDir, `rejects-${file}`)];
    writeFileSync(whole, text);
    const importing = async (path: string, ...more: readonly string[]) => {
      const { stdout, stderr } = await muster.attempt(
        'users',
        'import',
        '--from',
        system,
        path,
        ...more,
        '--json',
      );
      assert.notEqual(stdout, '', stderr);
      const { created, existing, refused } = JSON.parse(stdout);
      return { created, existing, refused };
    };
    assert.deepEqual(await importing(whole, '--rejects', rejects), { created: 1, existing: 0, refused: 1 });
    // As it is, it is refused again.
    assert.deepEqual(await importing(rejects), { created: 0, existing: 0, refused: 1 });
    const refused = readFileSync(rejects, 'utf8');
    assert.ok(refused.includes(wrong) && refused.includes('refused_because'), refused);
    writeFileSync(rejects, refused.replace(wrong, right));
    assert.deepEqual(await importing(rejects), { created: 1, existing: 0, refused: 0 });
    const { id, origin } = await muster.json('users', 'show', 'ann@example.com');
    assert.equal(origin.details.refused_because, undefined);
    for (const [name, value] of Object.entries(details)) assert.deepEqual(origin.details[name], value);
    const joined = await muster.json('members', 'list', '--user', String(id));
    assert.deepEqual(
      joined.map((one: { organization_name: string }) => one.organization_name),
      memberships,
    );
  });
