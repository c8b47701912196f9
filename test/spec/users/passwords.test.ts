// Which passwords are accepted and how they are stored: sections C1 to C7 and C9 of the standards checklist.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import { type EngineName, onEachEngine } from '../../support/engines.ts';
import { type Answer, document, startApp, type TestApp } from '../../support/start-app.ts';

const current = 'the first of many';

interface Account {
  readonly app: TestApp;
  readonly id: number;
  readonly email: string;
  change(current_password: unknown, password: unknown): Promise<Answer>;
  /** Sets a password, and restores the first one if that succeeded. */
  trial(password: unknown): Promise<Answer>;
}

async function account(
  t: TestContext,
  engine: EngineName,
  settings: Record<string, string> = {},
): Promise<Account> {
  const app = await startApp(t, engine, settings);
  const email = 'ann.of.many@email.com';
  const { id, token } = await app.createUser({ email, password: current });
  const change: Account['change'] = (current_password, password) =>
    app.request('PATCH', `/api/v2/users/${id}/update_password`, {
      token,
      body: document({ current_password, password }),
    });
  return {
    app,
    id,
    email,
    change,
    async trial(password) {
      const answer = await change(current, password);
      if (answer.status === 200) assert.equal((await change(password, current)).status, 200);
      return answer;
    },
  };
}

/** Refused only by rules of `password`, each with its own error. */
function assertRefused(answer: Answer, detail: string | RegExp, attribute = 'password'): void {
  assert.equal(answer.status, 422);
  assert.equal(answer.body.errors.length, 1);
  const [error] = answer.body.errors;
  assert.equal(error.code, 'invalid_attribute');
  assert.deepEqual(error.source, { pointer: `data/attributes/${attribute}` });
  if (typeof detail === 'string') assert.equal(error.detail, detail);
  else assert.match(error.detail, detail);
}

onEachEngine((engine) => {
  test('C1 changes the documented password to the documented new one, and answers the user', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser({ password: 'password1234' });
    const before = await app.request('GET', `/api/v2/users/${id}`, { token });
    app.clock.now += 60_000;
    const answer = await app.request('PATCH', `/api/v2/users/${id}/update_password`, {
      token,
      body: document({ current_password: 'password1234', password: 'newpassword1234' }),
    });
    assert.equal(answer.status, 200);
    // Nothing visible changed, so neither did updated_at.
    assert.deepEqual(answer.body, before.body);
  });

  test('C2 refuses 7 characters and takes 8', async (t) => {
    const { trial } = await account(t, engine);
    assertRefused(await trial('vkrqjzn'), 'is too short (minimum is 8 characters)');
    assert.equal((await trial('vkrqjznb')).status, 200);
  });

  test('C2 counts code points, not the units that some of them take', async (t) => {
    const { trial } = await account(t, engine);
    assertRefused(await trial('🐶🐱🐭🐹🐰🦊🐻'), 'is too short (minimum is 8 characters)');
    assert.equal((await trial('🐶🐱🐭🐹🐰🦊🐻🐼')).status, 200);
  });

  test('C2 asks for 15 characters where the settings do', async (t) => {
    const { trial } = await account(t, engine, { minPasswordLength: '15' });
    assertRefused(await trial('newpassword123'), 'is too short (minimum is 15 characters)');
    assert.equal((await trial('newpassword1234')).status, 200);
  });

  test('C2 says that a password is missing, null or no text', async (t) => {
    const { app, change } = await account(t, engine);
    for (const blank of [undefined, null, ''])
      assertRefused(await change(current, blank), "can't be blank", 'password');
    for (const blank of [undefined, null, ''])
      assertRefused(await change(blank, 'long enough now'), "can't be blank", 'current_password');
    for (const wrong of [12_345_678, true, {}, ['long enough now']]) {
      assertRefused(await change(current, wrong), 'is not a string', 'password');
      assertRefused(await change(wrong, 'long enough now'), 'is not a string', 'current_password');
    }
    const { id, token } = await app.createUser();
    const path = `/api/v2/users/${id}/update_password`;
    const both = await app.request('PATCH', path, { token, body: document({}) });
    assert.deepEqual(
      both.body.errors.map((error: any) => error.source.pointer),
      ['data/attributes/current_password', 'data/attributes/password'],
    );
  });

  for (const length of [64, 100, 1024]) {
    test(`C3 takes ${length} characters and compares them all`, async (t) => {
      const { change } = await account(t, engine);
      const long = 'correct horse battery staple, '.repeat(40).slice(0, length);
      assert.equal((await change(current, long)).status, 200);
      assertRefused(await change(long.slice(0, -1), current), 'is not valid', 'current_password');
      assertRefused(
        await change(long.slice(0, 63) + long.slice(64), current),
        'is not valid',
        'current_password',
      );
      assert.equal((await change(long, current)).status, 200);
    });
  }

  test('C3 does not take the first 72 of 100 characters for all of them', async (t) => {
    const { change } = await account(t, engine);
    const long = Array.from({ length: 100 }, (_, i) => String.fromCharCode(33 + (i % 90))).join('');
    assert.equal((await change(current, long)).status, 200);
    assertRefused(await change(long.slice(0, 72), current), 'is not valid', 'current_password');
    assert.equal((await change(long, current)).status, 200);
  });

  test('C3 refuses a megabyte as a password, and as the current one', async (t) => {
    const { change } = await account(t, engine);
    const megabyte = 'many words '.repeat(100_000).slice(0, 1024 * 1024);
    assertRefused(await change(current, megabyte), /^is too long \(maximum is \d+ characters\)$/);
    assertRefused(await change(megabyte, 'long enough now'), 'is not valid', 'current_password');
    assert.equal((await change(current, 'long enough now')).status, 200);
  });

  test('C4 asks for no mixture of characters', async (t) => {
    const { trial } = await account(t, engine);
    const good = [
      'lowercase',
      'UPPERCASE',
      '83620174',
      ' a b c d ',
      '🦊🐻🐼🐨🐯🦁🐮🐷',
      'šđčćžšđčć',
      '!?.,:;-_#',
    ];
    for (const password of good) assert.equal((await trial(password)).status, 200, password);
  });

  test('C5 refuses what is commonly used, and says so', async (t) => {
    const { trial } = await account(t, engine);
    const common = [
      '123456789012345',
      '987654321098765',
      'aaaaaaaaaaaa',
      'abcabcabcabc',
      'abcdefghijklmno',
      'qwertyuiop',
      'password1234',
      'PassWord1234',
      'baseball',
      'trustno1',
      '1q2w3e4r',
    ];
    for (const password of common) assertRefused(await trial(password), 'is a commonly used password');
  });

  test("C5 refuses the account's own email, in any case", async (t) => {
    const { trial, email } = await account(t, engine);
    assertRefused(await trial(email), "can't be your email");
    assertRefused(await trial(email.toUpperCase()), "can't be your email");
  });

  test('C5 compares the whole password: one that contains a common one is good', async (t) => {
    const { trial, email } = await account(t, engine);
    for (const password of [
      'my 123456789012345',
      `${email} and more`,
      'xaaaaaaaaaaaa',
      'password1234 no more',
    ])
      assert.equal((await trial(password)).status, 200, password);
  });

  test('C6 takes a composed and a decomposed letter for the same', async (t) => {
    const { change } = await account(t, engine);
    assert.equal((await change(current, 'née à Málaga'.normalize('NFC'))).status, 200);
    assert.equal(
      (await change('née à Málaga'.normalize('NFD'), 'déjà vu à Málaga'.normalize('NFD'))).status,
      200,
    );
    assert.equal((await change('déjà vu à Málaga'.normalize('NFC'), current)).status, 200);
  });

  test('C6 neither trims a password nor changes its case', async (t) => {
    const { change } = await account(t, engine);
    assert.equal((await change(current, ' Trailing space ')).status, 200);
    for (const near of ['Trailing space', ' Trailing space', 'Trailing space ', ' trailing space '])
      assertRefused(await change(near, current), 'is not valid', 'current_password');
    assert.equal((await change(' Trailing space ', current)).status, 200);
  });

  test('C6 refuses NUL and lone surrogates in a new password', async (t) => {
    const { change } = await account(t, engine);
    for (const password of ['long enough\u0000now', 'long enough \ud800 now'])
      assertRefused(await change(current, password), 'contains characters that are not allowed');
  });

  test('C7 keeps argon2id of at least 19 MiB, 2 iterations, 1 lane', async (t) => {
    const { app, id, change } = await account(t, engine);
    assert.equal((await change(current, 'newpassword1234')).status, 200);
    const stored = await app.store.read.passwords.find(id);
    const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[\w+/]{22,}\$[\w+/]{43,}$/.exec(stored!);
    assert.ok(match, stored!);
    const [memoryKib, iterations, lanes] = match.slice(1).map(Number);
    assert.ok(memoryKib! >= 19_456);
    assert.ok(iterations! >= 2);
    assert.equal(lanes, 1);
  });

  test('C7 keeps equal passwords as unequal hashes', async (t) => {
    const { app, id, change } = await account(t, engine);
    const other = await app.createUser({ password: 'newpassword1234' });
    assert.equal((await change(current, 'newpassword1234')).status, 200);
    const first = await app.store.read.passwords.find(id);
    assert.notEqual(first, await app.store.read.passwords.find(other.id));
    // The same one anew has a new salt.
    assert.equal((await change('newpassword1234', 'newpassword1234')).status, 200);
    assert.notEqual(await app.store.read.passwords.find(id), first);
  });

  test('C9 refuses a wrong current password, changes nothing and counts it', async (t) => {
    const { app, id, change } = await account(t, engine);
    const session = await app.createToken(id, { machine: false });
    const stored = await app.store.read.passwords.find(id);
    assertRefused(await change('not the first', 'newpassword1234'), 'is not valid', 'current_password');
    assert.equal(await app.store.read.passwords.find(id), stored);
    assert.equal((await app.store.read.passwords.attempts(id)).failures, 1);
    assert.equal((await app.request('GET', `/api/v2/users/${id}`, { token: session })).status, 200);
  });

  test('C9 looks at the current password first: a wrong one hides what is wrong with the new one', async (t) => {
    const { change, email } = await account(t, engine);
    for (const bad of ['short', 'aaaaaaaaaaaa', email, 'nul\u0000 within'])
      assertRefused(await change('not the first', bad), 'is not valid', 'current_password');
  });

  test('C9 refuses every current password where the account has none', async (t) => {
    const app = await startApp(t, engine);
    const { id, token } = await app.createUser();
    const answer = await app.request('PATCH', `/api/v2/users/${id}/update_password`, {
      token,
      body: document({ current_password: 'password1234', password: 'newpassword1234' }),
    });
    assertRefused(answer, 'is not valid', 'current_password');
    assert.equal(await app.store.read.passwords.find(id), null);
  });

  test('C9 names an attribute that does not belong there', async (t) => {
    const { app, id } = await account(t, engine);
    const token = await app.createToken(id);
    const answer = await app.request('PATCH', `/api/v2/users/${id}/update_password`, {
      token,
      body: document({ current_password: current, password: 'newpassword1234', email: 'other@email.com' }),
    });
    assertRefused(answer, 'is not a known attribute', 'email');
    assert.equal((await app.store.read.records(users).find(id))!.email, 'ann.of.many@email.com');
  });
});
