// /account/reset in a real browser: asking for a mail, and the link of that mail.

import assert from 'node:assert/strict';
import {
  assertDiscreet,
  engineOfPages,
  openTab,
  phone,
  tabTo,
  testInBrowser,
} from '../../support/browser.ts';
import { heading, openLink, signIn } from '../../support/page-walk.ts';
import { startApp } from '../../support/start-app.ts';

const password = 'a password of somebody';
const next = 'five words on a phone';

testInBrowser(
  'C12 somebody who has forgotten a password sets a new one on a phone, with the keyboard alone',
  async (t) => {
    const app = await startApp(t, engineOfPages, { brandUrl: 'https://app.example.com/' });
    const email = 'ann@example.com';
    await app.createUser({ email, password });
    const tab = await openTab(t, phone);
    const { page } = tab;

    await page.goto(`${app.url}/account/reset`);
    await tabTo(page, 'input[name="email"]');
    await page.keyboard.type(` ${email.toUpperCase()} `);
    await page.keyboard.press('Enter');
    await heading(page, 'Look into your inbox');

    const token = await openLink(app, page, email, 'password_reset');
    await heading(page, 'Choose a new password');
    assert.equal(new URL(page.url()).hash, '');
    assert.equal(await page.locator('#set-email').inputValue(), email);

    // Nothing, then too little, then enough: each error is beside its field, which gets the focus.
    await tabTo(page, 'input[name="password"]');
    await page.keyboard.press('Enter');
    const error = page.locator('#set-password-error');
    assert.equal(await error.textContent(), 'Please fill this in.');
    await page.keyboard.type('short');
    await page.keyboard.press('Enter');
    await error.filter({ hasText: 'This is too short. Minimum number of characters: 8.' }).waitFor();
    const input = page.locator('#set-password');
    assert.equal(await input.getAttribute('aria-invalid'), 'true');
    assert.match((await input.getAttribute('aria-describedby'))!, /\bset-password-error\b/);
    assert.equal(await input.getAttribute('autocomplete'), 'new-password');
    await page.locator('#set-password:focus').waitFor();

    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(next);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    assert.equal(await input.getAttribute('type'), 'text');
    await page.keyboard.press('Space');
    assert.equal(await input.getAttribute('type'), 'password');
    await tabTo(page, 'button.action');
    await page.keyboard.press('Enter');
    await heading(page, 'Your password is saved');
    assert.equal(await page.locator('h1:focus').textContent(), 'Your password is saved');
    assert.equal(await page.locator('a.action:visible').getAttribute('href'), 'https://app.example.com/');

    // The link has been used: this tab knows no token any more.
    assert.equal(await page.evaluate('history.state'), null);

    assert.equal((await signIn(app, email, password)).status, 401);
    assert.equal((await signIn(app, email, next)).status, 201);
    await openLink(app, page, email, 'password_reset');
    await heading(page, 'This link no longer works');
    await page.getByRole('link', { name: 'Send me a new link' }).click();
    await heading(page, 'Forgot your password?');
    await assertDiscreet(tab, app.url, token);
    assert.ok(!JSON.stringify(app.log).includes(token));
  },
);

testInBrowser('a first password is set, and API tokens end only if the box is checked', async (t) => {
  const app = await startApp(t, engineOfPages);
  const email = 'new@example.com';
  const { token: apiToken } = await app.createUser({ email });
  const { page } = await openTab(t);
  const open = async () => {
    const attributes = { email };
    await app.request('POST', '/api/v2/passwords', { body: { data: { type: 'passwords', attributes } } });
    await openLink(app, page, email, 'password_reset', 'hr');
  };
  await open();
  await heading(page, 'Odaberite lozinku');
  await page.locator('#first-password').fill('rijeci na telefonu');
  await page.getByRole('button', { name: 'Spremite lozinku' }).click();
  await page.getByText('Od sada se možete njome prijaviti.').waitFor();
  assert.equal((await app.request('GET', '/api/v2/users', { token: apiToken })).status, 200);

  await open();
  await page.locator('#set-password').fill('druge rijeci na telefonu');
  await page.getByLabel('Ukinite i pristup').check();
  await page.getByRole('button', { name: 'Spremite lozinku' }).click();
  await page.getByText('Prijavite se novom lozinkom.').waitFor();
  assert.equal((await app.request('GET', '/api/v2/users', { token: apiToken })).status, 401);
});
