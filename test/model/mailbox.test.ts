import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEmail, isSameMailbox, mailboxKey, mailboxKeys, mailboxPart } from '../../src/model/mailbox.ts';

test('addresses are one mailbox where their domains are one in IDNA, and the rest is equal but for case', () => {
  const same: readonly (readonly string[])[] = [
    [
      'ann@exämple.com',
      'Ann@EXÄMPLE.com',
      'ann@xn--exmple-cua.com',
      'ANN@XN--EXMPLE-CUA.COM',
      'ann@exa\u0308mple.com',
    ],
    [
      'ann@example.com',
      'ann@ｅｘａｍｐｌｅ.com',
      'ann@example。com',
      'ann@example．com',
      'ann@example｡com',
      'ann@EXAMPLE.COM',
    ],
    ['用户@例子.公司', '用户@xn--fsqu00a.xn--55qx5d', '用户@例子。公司'],
    ['a@faß.de', 'a@xn--fa-hia.de', 'a@FAß.de'],
    ['é@b.c', 'e\u0301@b.c', 'É@b.c'],
    ['a@127.0.0.1', 'A@127.0.0.1'],
    ['1@2.3'],
  ];
  for (const [first, ...others] of same)
    for (const other of others) assert.equal(mailboxKey(other), mailboxKey(first!), other);
  const keys = new Set(same.map(([first]) => mailboxKey(first!)));
  assert.equal(keys.size, same.length);
});

test('addresses that differ in more stay two', () => {
  for (const [one, other] of [
    ['a@fass.de', 'a@faß.de'],
    ['a@exämple.com', 'a@example.com'],
    ['ａ@b.c', 'a@b.c'],
    ['a+x@b.c', 'a@b.c'],
    ['a.b@c.d', 'ab@c.d'],
    ['ı@b.c', 'i@b.c'],
    ['a@2.3', 'a@2.0.0.3'],
  ] as const)
    assert.notEqual(mailboxKey(one), mailboxKey(other), one);
});

test('mail certainly arrives at both of two addresses only if capitals or the form of the domain differ', () => {
  for (const [one, other] of [
    ['kim@example.com', 'Kim@EXAMPLE.com'],
    ['kim@exämple.com', 'KIM@xn--exmple-cua.com'],
    ['é@b.c', 'é@B.C'],
  ] as const)
    assert.ok(isSameMailbox(one, other), other);
  for (const [one, other] of [
    ['é@b.c', 'É@b.c'],
    ['kim@example.com', 'kim@example.org'],
  ] as const)
    assert.ok(!isSameMailbox(one, other), other);
});

test('a key is what people read, and the key of itself', () => {
  for (const [email, key] of [
    ['Ann@XN--EXMPLE-CUA.com', 'ann@exämple.com'],
    ['ANN@Example.COM', 'ann@example.com'],
    ['a@xn--garbage-.com', 'a@xn--garbage-.com'],
    ['no address', 'no address'],
    ['a@b c', 'a@b c'],
    ['a@b/c', 'a@b/c'],
    ['a@b%2ec', 'a@b%2ec'],
    ['a@', 'a@'],
  ] as const) {
    assert.equal(mailboxKey(email), key);
    assert.equal(mailboxKey(key), key);
  }
});

test('a mailbox is looked for under its address as typed, its key and its ASCII form', () => {
  assert.deepEqual(mailboxKeys('ANN@example.com'), ['ann@example.com']);
  assert.deepEqual(mailboxKeys('Ann@XN--EXMPLE-CUA.com'), ['ann@xn--exmple-cua.com', 'ann@exämple.com']);
  assert.deepEqual(mailboxKeys('ann@exämple.com'), ['ann@exämple.com', 'ann@xn--exmple-cua.com']);
});

test('a part of an address is looked for in the form that keys have', () => {
  for (const [part, expected] of [
    ['XN--EXMPLE-CUA', 'exämple'],
    ['xn--exmple-cua.com', 'exämple.com'],
    ['ann@xn--exmple-cua.com', 'ann@exämple.com'],
    ['@ｅｘａｍ', '@exam'],
    ['@', '@'],
    ['@.', '@.'],
    ['ANN@', 'ann@'],
    ['xn--', 'xn--'],
    ['100%', '100%'],
    ['Müll', 'müll'],
  ] as const)
    assert.equal(mailboxPart(part), expected, part);
});

test('addresses have their limits in octets, and labels in ASCII', () => {
  const l = (count: number) => 'd'.repeat(count);
  for (const email of [
    `${'é'.repeat(32)}@b.c`,
    `${l(64)}@b.c`,
    `a@${l(63)}.c`,
    `a@${'ü'.repeat(50)}.c`,
    'a@उदाहरण.भारत',
    'a@xn--mgbh0fb.xn--kgbechtv',
  ])
    assert.ok(isEmail(email), email);
  for (const email of [
    `${'é'.repeat(33)}@b.c`,
    `${'用'.repeat(22)}@b.c`,
    `${l(65)}@b.c`,
    `a@${l(64)}.c`,
    `a@${'ü'.repeat(60)}.c`,
    `${l(64)}@${`${l(60)}.`.repeat(3)}${l(10)}`,
    'a@xn--garbage-.com',
    'a@xn--.com',
    'a@xn--a.com',
    'a@xn--exmple-cua-.com',
    'a@b.com.',
    'a@b。',
    'a@。b',
    'a@b..c',
    'a＠b.c',
    'a@\u0301b.c',
    'a@👍.com',
  ])
    assert.ok(!isEmail(email), email);
  for (const hidden of [
    '\u200b',
    '\u200d',
    '\u200f',
    '\u00ad',
    '\u00a0',
    '\ufeff',
    '\u2060',
    '\u3164',
    '\ufe0f',
    '\u034f',
    '\u115f',
  ])
    for (const email of [`a${hidden}b@c.d`, `ab@c${hidden}e.d`, `${hidden}ab@c.d`, `ab@c.d${hidden}`])
      assert.ok(!isEmail(email), JSON.stringify(email));
});

test('an address has 254 octets at most, 64 of them before the @, whatever letters it is written in', () => {
  const label = 'a'.repeat(61);
  const domain = (length: number) => `${label}.${label}.${label}.${'b'.repeat(length)}`;
  // 64 + 1 + 186 + 3
  const longest = `${'l'.repeat(64)}@${domain(3)}`;
  assert.equal(Buffer.byteLength(longest), 254);
  assert.equal(isEmail(longest), true);
  assert.equal(isEmail(`${'l'.repeat(64)}@${domain(4)}`), false);
  assert.equal(isEmail(`${'l'.repeat(63)}@${domain(5)}`), false);
  assert.equal(isEmail(`${'l'.repeat(65)}@b.c`), false);
  // The same number of characters, but more octets.
  assert.equal(isEmail(`${'l'.repeat(62)}é@${domain(3)}`), true);
  assert.equal(isEmail(`${'l'.repeat(63)}é@${domain(2)}`), false);
  assert.equal(isEmail(`${'l'.repeat(62)}é@${domain(4)}`), false);
  assert.equal(isEmail(`${'é'.repeat(32)}@b.c`), true);
  assert.equal(isEmail(`${'é'.repeat(33)}@b.c`), false);
});
