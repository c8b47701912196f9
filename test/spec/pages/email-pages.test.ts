// /account/confirm and /account/undo in a real browser.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { users } from '../../../src/resources/users/users.ts';
import {
  assertDiscreet,
  engineOfPages,
  openTab,
  phone,
  tabTo,
  testInBrowser,
} from '../../support/browser.ts';
import { heading, openLink, signIn } from '../../support/page-walk.ts';
import { document, startApp, type TestApp } from '../../support/start-app.ts';

const password = 'a password of somebody';
const old = 'ann@old.example';
const next = 'ann@new.example';

async function startWithAnn(t: TestContext, settings = {}) {
  const app = await startApp(t, engineOfPages, settings);
  const ann = await app.createUser({ email: old, password });
  const changed = await app.request('PATCH', `/api/v2/users/${ann.id}`, {
    token: ann.token,
    body: document({ email: next }),
  });
  assert.equal(changed.status, 200, changed.text);
  return { app, ann };
}

async function emailOf(app: TestApp, { id, token }: { id: number; token: string }): Promise<string> {
  return (await app.request('GET', `/api/v2/users/${id}`, { token })).body.data.attributes.email;
}

testInBrowser(
  'somebody confirms a new address on a phone, by a key and not by opening the page',
  async (t) => {
    const { app, ann } = await startWithAnn(t, { confirmEmail: 'true' });
    const tab = await openTab(t, phone);
    const { page } = tab;
    const token = await openLink(app, page, next, 'email_confirmation');
    await heading(page, 'Confirm your email address');
    await page.getByText(next).filter({ visible: true }).waitFor();
    assert.equal(await emailOf(app, ann), old);

    // Somebody else has the address meanwhile.
    const other = await app.createUser({ email: next });
    await tabTo(page, 'button.action');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Another account uses this address.' }).waitFor();
    const admin = await app.createUser({ sysadmin: true });
    await app.request('DELETE', `/api/v2/users/${other.id}`, { token: admin.token });
    await tabTo(page, 'button.action');
    await page.keyboard.press('Enter');
    await heading(page, 'Your address is confirmed');
    assert.equal(await emailOf(app, ann), next);

    await openLink(app, page, next, 'email_confirmation', 'de');
    await heading(page, 'Dieser Link funktioniert nicht mehr');
    await assertDiscreet(tab, app.url, token);
    assert.ok(!JSON.stringify(app.log).includes(token));
  },
);

testInBrowser(
  'somebody undoes a change of the address from the old one, and sets a password if a thief has set one',
  async (t) => {
    const { app, ann } = await startWithAnn(t);
    const tab = await openTab(t);
    const { page } = tab;
    await openLink(app, page, old, 'email_changed');
    await heading(page, 'Undo the change of your email address');
    await page.getByText(old).filter({ visible: true }).first().waitFor();
    // Nobody has changed the password, so it may stay.
    await page.getByText('Otherwise leave it empty, and your password stays.').waitFor();

    app.clock.now += 1000;
    const stolen = { current_password: password, password: 'a password of the thief' };
    const path = `/api/v2/users/${ann.id}/update_password`;
    const changed = await app.request('PATCH', path, { token: ann.token, body: document(stolen) });
    assert.equal(changed.status, 200, changed.text);
    const token = await openLink(app, page, old, 'email_changed');
    await page.locator('#undo-password').fill('short');
    await page.getByRole('button', { name: 'Undo the change' }).click();
    await page.getByText('This is too short.').waitFor();
    await page.locator('#undo-password').fill('a password of ann alone');
    await page.getByRole('button', { name: 'Undo the change' }).click();
    await heading(page, 'The change is undone');
    assert.equal((await signIn(app, old, 'a password of ann alone')).status, 201);
    assert.equal((await signIn(app, next, 'a password of the thief')).status, 401);
    await assertDiscreet(tab, app.url, token);
    assert.ok(!JSON.stringify(app.log).includes(token));
  },
);

testInBrowser(
  'C16 somebody undoes a change of the address by one key, if the password is as it was, or with a new one',
  async (t) => {
    const { app, ann } = await startWithAnn(t);
    const { page } = await openTab(t, phone);
    await openLink(app, page, old, 'email_changed', 'hr');
    await heading(page, 'Poništite promjenu adrese e-pošte');
    await tabTo(page, 'button.action');
    await page.keyboard.press('Enter');
    await heading(page, 'Promjena je poništena');
    const { email } = (await app.store.read.records(users).find(ann.id))!;
    assert.equal(email, old);
    const { token } = (await signIn(app, old, password)).body.data.attributes;

    // A thief who knows the password does it again.
    const again = document({ email: next });
    await app.request('PATCH', `/api/v2/users/${ann.id}`, { token, body: again });
    await openLink(app, page, old, 'email_changed');
    await page.locator('#keep-password').fill('a password of ann alone');
    await page.getByRole('button', { name: 'Undo the change' }).click();
    await heading(page, 'The change is undone');
    assert.equal((await signIn(app, old, password)).status, 401);
    assert.equal((await signIn(app, old, 'a password of ann alone')).status, 201);
  },
);
