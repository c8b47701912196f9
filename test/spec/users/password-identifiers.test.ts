// A password must not equal known facts about its user or the service: section C5 of the standards checklist. The
// whole password is compared, not parts of it.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bootstrap } from '../../../src/cli/serve/bootstrap.ts';
import { readConfig } from '../../../src/config.ts';
import { noBreaches } from '../../../src/security/breached-passwords.ts';
import { passwordViolation } from '../../../src/security/password-policy.ts';
import { type EngineName, emptyStore, onEachEngine } from '../../support/engines.ts';
import { brokenRules } from '../../support/read-answers.ts';
import { document, startApp } from '../../support/start-app.ts';

const settings = { publicUrl: 'https://accounts.exämple.com:8443/muster' };
const policy = { minPasswordLength: 8, breached: noBreaches };
const person = { email: 'ann.lee.1985@email.com', first_name: 'Annabella', last_name: 'Lee-Wong' };

const name = "can't be your name";
const host = "can't be the address of this service";
const localPart = "can't be the part of your email before the @";
const refused: readonly (readonly [password: string, rule: string])[] = [
  ['ann.lee.1985@email.com', "can't be your email"],
  ['ANN.LEE.1985@EMAIL.COM', "can't be your email"],
  ['ann.lee.1985', localPart],
  ['AnnLee1985', localPart],
  ['annabella', name],
  ['ANNABELLA', name],
  [' Annabella! ', name],
  ['lee-wong', name],
  ['Annabella Lee-Wong', name],
  ['annabellaleewong', name],
  ['leewong.annabella', name],
  ['m.u.s.t.e.r', "can't be the name of this service"],
  ['MUSTER!!!', "can't be the name of this service"],
  ['mustermuster', "can't be the name of this service"],
  ['Muster Muster Muster', "can't be the name of this service"],
  ['annabella-annabella', name],
  ['Annabella Lee-Wong, Annabella Lee-Wong', name],
  ['accounts.exämple.com', host],
  ['https://accounts.exämple.com', host],
  ['https://accounts.exämple.com:8443/muster', host],
  ['accounts.exämple.com:8443/muster/', host],
  ['accounts.xn--exmple-cua.com', host],
  ['Accounts.Exämple.com:8443', host],
];
const accepted = [
  'annabella1',
  'annabella and lee',
  'my muster password',
  'mustermustermust',
  'annabella annabella1',
  'ann.lee.1985@email.org',
  'exämple.com',
  '!!!! ???? ....',
  'newpassword1234',
];

async function rulesOf(t: TestContext, engine: EngineName) {
  const app = await startApp(t, engine, settings);
  const manager = await app.createUser({ sysadmin: ['manage_users'], email: 'manager@email.com' });
  const old = 'the old password';
  const { id, token } = await app.createUser({ ...person, password: old, values: person });
  return {
    change: async (password: string) =>
      brokenRules(
        await app.request('PATCH', `/api/v2/users/${id}/update_password`, {
          token,
          body: document({ current_password: old, password }),
        }),
      ),
    create: async (password: string) => {
      const email = person.email.replace('email.com', 'email.net');
      const body = document({ ...person, email, password: password.replace(/email\.com/i, 'email.net') });
      return brokenRules(await app.request('POST', '/api/v2/users', { token: manager.token, body }));
    },
  };
}

onEachEngine((engine) => {
  test("C5 a password is not its owner's email or name, nor the service's name or host, however it is written", async (t) => {
    const { change, create } = await rulesOf(t, engine);
    for (const [password, rule] of refused) {
      assert.deepEqual(await change(password), [`password ${rule}`], password);
      assert.deepEqual(await create(password), [`password ${rule}`], password);
    }
  });

  test('C5 the first account has no such password either', async (t) => {
    const store = await emptyStore(t, engine);
    for (const [bootstrapPassword, rule] of [
      ['First Sysadmin', name],
      ['owner@email.com', "can't be your email"],
      ['accounts.email.com', host],
    ] as const) {
      const config = readConfig(
        { bootstrapPassword, bootstrapEmail: 'owner@email.com', publicUrl: 'https://accounts.email.com' },
        {},
      );
      await assert.rejects(bootstrap(config, store, Date.now), {
        message: `--bootstrap-password ${rule}`,
      });
    }
    assert.equal(await store.read.administrators.anySysadmin(), false);
  });
});

test('C5 a password that holds more than a name is good', async () => {
  for (const password of accepted)
    assert.equal(await passwordViolation(password, person, policy, settings.publicUrl), undefined);
});

test('C5 what is not known forbids nothing', async () => {
  for (const account of [{}, { email: null, first_name: '', last_name: '...' }, { first_name: 7 }]) {
    for (const password of [...accepted, '.!?,;:-_', 'undefined', 'accounts.email.com'])
      assert.equal(await passwordViolation(password, account, policy, ''), undefined, password);
  }
});
