// first_name, last_name, email and avatar_url: valid values, and the messages for others.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachEngine } from '../../support/engines.ts';
import { brokenRules } from '../../support/read-answers.ts';
import { startAccount, tryValues } from '../../support/start-account.ts';

type Outcomes = readonly [value: unknown, outcome: string][];

const taken = (...values: unknown[]): Outcomes => values.map((value) => [value, 'taken']);
const refused = (rule: string, ...values: unknown[]): Outcomes =>
  values.map((value) => [value, `422 ${rule}`]);

const notText: Outcomes = [
  ...refused('is not a string', 5, true, false, {}, [], ['a@email.com']),
  ...refused(
    'contains characters that are not allowed',
    'a\0b',
    '\ud800',
    'a\udc00@email.com',
    '\udc00\ud800',
  ),
];

const names: Outcomes = [
  ...taken(
    'A',
    ' Ann ',
    "O'Brien-Lee, Jr.",
    '<b>&amp;</b>',
    'Žofie 東京 عمر',
    'é',
    '👨🏽\u200d🚒',
    '\u200fعمر\u200f',
    '👩‍👩‍👧',
    '0',
    'null',
  ),
  ...taken('x'.repeat(255), '😀'.repeat(255)),
  ...refused("can't be blank", null, '', ' ', '\t\r\n', '\u00a0\u2003\u3000\ufeff'),
  ...refused(
    "can't be blank",
    '\u200b',
    '\u200d\u2060',
    '\u3164',
    '\u115f\u1160',
    '\u2800',
    '\ufe0f',
    '\u00ad',
  ),
  ...refused("can't be blank", '\u{e0041}\u{e007f}', '\u202e\u202c', '\u2028', '\u0007'),
  ...refused(
    'contains characters that are not allowed',
    'a\nb',
    'Ann\t',
    '\u0007Ann',
    'a\u2028b',
    'a\u2029b',
    'a\u0085b',
  ),
  ...refused('is too long (maximum is 255 characters)', 'x'.repeat(256), '😀'.repeat(256)),
  ...refused('is too long (maximum is 255 characters)', `a${'\u0301'.repeat(200_000)}`),
  ...notText,
];

const local64 = 'l'.repeat(64);
const domain = (length: number) => `${'d'.repeat(60)}.`.repeat(3) + 'd'.repeat(length - 183);

const emails: Outcomes = [
  ...taken(
    'a@b.c',
    'Ann.LEE@Example.COM',
    "o'brien+tag@sub-domain.example.co.uk",
    '_a-b!#$%&*/=?^`{|}~@email.com',
  ),
  ...taken('é@exämple.com', '用户@例子.公司', '1@2.3'),
  ...taken(`${local64}@email.com`, `${local64}@${domain(189)}`),
  ...refused("can't be blank", null, '', '  ', '\n', '\u200b'),
  ...refused(
    'is not an email',
    'a\u200f@b.c',
    'a\u00a0@b.c',
    'a@b\u200b.c',
    'a\ufeff@b.c',
    'a\u3164@b.c',
    `a${'\u0301'.repeat(200_000)}@b.c`,
  ),
  ...refused(
    'is not an email',
    `${'é'.repeat(33)}@b.c`,
    'a@xn--garbage-.com',
    'a@xn--.com',
    `a@${'ü'.repeat(60)}.com`,
  ),
  ...refused(
    'is not an email',
    'plain',
    '@email.com',
    'a@',
    'a@@email.com',
    'a@b@email.com',
    'a b@email.com',
  ),
  ...refused(
    'is not an email',
    ' a@email.com',
    'a@email.com ',
    'a@email.com\n',
    'a@e mail.com',
    'a@.com',
    'a@b..c',
  ),
  ...refused(
    'is not an email',
    'a@-b.com',
    'a@b-.com',
    'a@b.com.',
    'Ann <a@email.com>',
    'a@email.com,b@email.com',
  ),
  ...refused(
    'is not an email',
    'mailto:a@email.com',
    'a@b_c.com',
    'a@[127.0.0.1]',
    '"a b"@email.com',
    'a(b)@email.com',
  ),
  ...refused(
    'is not an email',
    `l${local64}@email.com`,
    `${local64}@${domain(190)}`,
    `a@${'d'.repeat(64)}.com`,
  ),
  ...notText,
];

const url2048 = `https://email.com/${'p'.repeat(2030)}`;

const urls: Outcomes = [
  ...taken(
    'https://email.com/a.png',
    'http://a',
    'HTTPS://Email.COM:8443/%20a?b=c&d=e#f',
    'http://[::1]/a',
    null,
  ),
  ...taken(
    'http://127.0.0.1:1/never-fetched',
    'https://例子.公司/图.png',
    url2048,
    `https://a/${'😀'.repeat(2038)}`,
  ),
  ...refused(
    'is not an absolute http(s) URL',
    '',
    ' ',
    'a.png',
    '/a.png',
    '//email.com/a.png',
    '?a',
    'email.com',
  ),
  ...refused('is not an absolute http(s) URL', 'ftp://a/b', 'file:///etc/passwd', 'javascript:alert(1)'),
  ...refused(
    'is not an absolute http(s) URL',
    'data:image/png;base64,AA==',
    'blob:https://a/b',
    'https:a',
    'http:/a',
  ),
  ...refused(
    'is not an absolute http(s) URL',
    'http://',
    'https:///a',
    'https://?a',
    'https://#a',
    'http://[::1',
  ),
  ...refused(
    'is not an absolute http(s) URL',
    ' https://a',
    'https://a ',
    'https://a/b c',
    'https://a\n/b',
    'https://a b',
  ),
  ...refused('is not an absolute http(s) URL', 'https://a/\u0007', 'http://a:99999/', 'https://%/'),
  ...refused('is too long (maximum is 2048 characters)', `${url2048}p`, `https://a/${'😀'.repeat(2039)}`),
  ...notText,
];

onEachEngine((engine) => {
  for (const [attribute, expected] of Object.entries({
    first_name: names,
    last_name: names,
    email: emails,
    avatar_url: urls,
  })) {
    test(`takes what ${attribute} may be, and says which rule anything else breaks`, async (t) => {
      const account = await startAccount(t, engine);
      const outcomes = await tryValues(
        account,
        attribute,
        expected.map(([value]) => value),
      );
      assert.deepEqual(outcomes, expected);
    });
  }

  test('takes a number that no double holds for what it is, and no text', async (t) => {
    const { change } = await startAccount(t, engine);
    const answer = await change('{"first_name":12345678901234567890,"avatar_url":1.00000000000000000001}');
    assert.deepEqual(brokenRules(answer), ['first_name is not a string', 'avatar_url is not a string']);
  });

  test('refuses an email that somebody has, in whichever case', async (t) => {
    const { app, change, attributes } = await startAccount(t, engine, { email: 'ann@email.com' });
    await app.createUser({ email: 'Bob@Email.com' });
    await app.createUser({ email: 'žofie@email.com' });
    for (const email of ['Bob@Email.com', 'bob@email.com', 'BOB@EMAIL.COM', 'ŽOFIE@email.com'])
      assert.deepEqual(brokenRules(await change({ email })), ['email has already been taken'], email);
    assert.equal((await attributes()).email, 'ann@email.com');
  });

  test('lets people write their own email in another case', async (t) => {
    const { change, attributes } = await startAccount(t, engine, { email: 'ann@email.com' });
    assert.deepEqual(brokenRules(await change({ email: 'Ann@Email.com' })), []);
    assert.equal((await attributes()).email, 'Ann@Email.com');
  });

  test('gives an email to the next who asks three days after its holder has another, or at once if the holder is gone', async (t) => {
    const { app, change, token } = await startAccount(t, engine, { email: 'ann@email.com', sysadmin: true });
    const bob = await app.createUser({ email: 'bob@email.com' });
    assert.deepEqual(brokenRules(await change({ email: 'bob@email.com' })), ['email has already been taken']);
    const body = { data: { type: 'users', attributes: { email: 'robert@email.com' } } };
    await app.request('PATCH', `/api/v2/users/${bob.id}`, { token, body });
    assert.deepEqual(brokenRules(await change({ email: 'bob@email.com' })), ['email has already been taken']);
    app.clock.now += 72 * 60 * 60 * 1000;
    assert.deepEqual(brokenRules(await change({ email: 'bob@email.com' })), []);
    await app.request('DELETE', `/api/v2/users/${bob.id}`, { token });
    assert.deepEqual(brokenRules(await change({ email: 'robert@email.com' })), []);
  });

  test('reads the names and emails of others as they were written', async (t) => {
    const { app, token } = await startAccount(t, engine, { sysadmin: true });
    const written = { email: 'Ünï@Email.com', first_name: ' "\\\u2028</script>', last_name: '\u001f\u007fé' };
    const { id } = await app.createUser({ email: written.email, values: written });
    const { email, first_name, last_name } = (await app.request('GET', `/api/v2/users/${id}`, { token })).body
      .data.attributes;
    assert.deepEqual({ email, first_name, last_name }, written);
  });
});
