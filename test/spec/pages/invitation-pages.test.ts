// /account/accept and /account/join in a real browser.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
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

const email = 'ina@new.example';
const password = 'a password of ina alone';

async function startAcme(t: TestContext) {
  const app = await startApp(t, engineOfPages);
  const acme = await app.createOrganization('Acme');
  const { token } = await app.createUser({ organizationId: acme, role: 'owner' });
  const path = `/api/v2/organizations/${acme}`;
  const send = async (method: string, to: string, type: string, attributes: object) => {
    const answer = await app.request(method, to, { token, body: { data: { type, attributes } } });
    assert.ok(answer.status < 300, answer.text);
    return answer.body.data;
  };
  return {
    app,
    owner: { token },
    invite: (address: string, attributes: object = {}) =>
      send('POST', `${path}/invitations`, 'invitations', { email: address, role: 'member', ...attributes }),
    /** @returns the secret of a new join link */
    joinLink: async (): Promise<string> =>
      (await send('PATCH', path, 'organizations', { invitation_token: 'new' })).attributes.invitation_token,
    async members(): Promise<string[]> {
      const { body } = await app.request('GET', `${path}/organization_memberships?include=person`, { token });
      return body.included.map((person: any) => person.attributes.email);
    },
  };
}

testInBrowser('S21 somebody new is invited, and accepts on a phone with the keyboard alone', async (t) => {
  const { app, invite, members } = await startAcme(t);
  await invite(email, { first_name: 'Ina' });
  const tab = await openTab(t, phone);
  const { page } = tab;
  const token = await openLink(app, page, email, 'invitation');
  await heading(page, 'You are invited');
  assert.ok(!(await members()).includes(email));
  assert.equal(await page.locator('#accept-first_name').inputValue(), 'Ina');
  await tabTo(page, '#accept-last_name');
  await page.keyboard.type('Lee');
  await page.keyboard.press('Tab');
  await page.keyboard.type(email);
  await page.keyboard.press('Enter');
  const error = page.locator('#accept-password-error');
  await error.filter({ hasText: 'Your email address cannot be the password.' }).waitFor();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await heading(page, 'Welcome');
  await page.getByText('You can close this page.').filter({ visible: true }).waitFor();
  assert.ok((await members()).includes(email));
  assert.equal((await signIn(app, email, password)).status, 201);

  await openLink(app, page, email, 'invitation');
  await heading(page, 'This link no longer works');
  await assertDiscreet(tab, app.url, token);
  assert.ok(!JSON.stringify(app.log).includes(token));
});

testInBrowser(
  'somebody with an account accepts with its password, and stays signed in nowhere',
  async (t) => {
    const { app, invite, members } = await startAcme(t);
    const ina = await app.createUser({ email, password });
    await invite(email);
    const tab = await openTab(t);
    const { page } = tab;
    const token = await openLink(app, page, email, 'invitation', 'de');
    await heading(page, 'Sie sind eingeladen');
    await page.getByText('Sie haben schon ein Konto.').filter({ visible: true }).waitFor();
    assert.equal(await page.locator('#sign-in-email').inputValue(), email);
    assert.equal(await page.locator('#sign-in-password').getAttribute('autocomplete'), 'current-password');
    await page.locator('#sign-in-password').fill('a wrong password');
    await page.keyboard.press('Enter');
    await page
      .locator('#sign-in-password-error')
      .filter({ hasText: 'Dieses Passwort ist falsch.' })
      .waitFor();
    assert.ok(!(await members()).includes(email));
    await page.locator('#sign-in-password').fill(password);
    await page.keyboard.press('Enter');
    await heading(page, 'Willkommen');
    assert.ok((await members()).includes(email));

    const sessions = await app.request('GET', '/api/v2/sessions?filter[machine]=false', {
      token: ina.token,
    });
    assert.deepEqual(sessions.body.data, []);
    const created = app.log.filter(({ method, path }) => method === 'POST' && path === '/api/v2/sessions');
    assert.deepEqual(
      created.map(({ status }) => status),
      [401, 201],
    );
    await assertDiscreet(tab, app.url, token);
  },
);

testInBrowser('an invitation that was withdrawn says so', async (t) => {
  const { app, invite, owner } = await startAcme(t);
  const { id } = await invite(email);
  const { page } = await openTab(t);
  await openLink(app, page, email, 'invitation', 'hr');
  await heading(page, 'Pozvani ste');
  for (const name of ['first_name', 'last_name', 'password'])
    await page.locator(`#accept-${name}`).fill('nesto posve drugo');
  // Meanwhile the address gets an account, which the owner then no longer invites.
  await app.createUser({ email, password });
  await page.getByRole('button', { name: 'Prihvatite poziv' }).click();
  await page.locator('#sign-in-password').fill(password);
  assert.equal((await app.request('DELETE', `/api/v2/invitations/${id}`, owner)).status, 204);
  await page.keyboard.press('Enter');
  await heading(page, 'Ova poveznica više ne vrijedi');
  assert.equal(await page.locator('h1:focus').innerText(), 'Ova poveznica više ne vrijedi');
});

testInBrowser('somebody joins with the join link of an organization', async (t) => {
  const { app, joinLink, members } = await startAcme(t);
  const secret = await joinLink();
  const tab = await openTab(t, phone);
  const { page } = tab;
  await page.goto(`${app.url}/account/join#${secret}`);
  await heading(page, 'Join an organization');
  await page.locator('#join-email').fill('nobody');
  await page.keyboard.press('Enter');
  await page.locator('#join-email-error').filter({ hasText: 'This is not an email address.' }).waitFor();
  await page.locator('#join-email').fill(email);
  await page.keyboard.press('Enter');
  await heading(page, 'Look into your inbox');
  await page.getByText(`An invitation to ${email} is on its way.`).waitFor();

  await openLink(app, page, email, 'invitation');
  await heading(page, 'You are invited');
  for (const name of ['first_name', 'last_name']) await page.locator(`#accept-${name}`).fill('Ina');
  await page.locator('#accept-password').fill(password);
  await page.keyboard.press('Enter');
  await heading(page, 'Welcome');
  assert.ok((await members()).includes(email));

  // The owner makes a new join link. The old one is void.
  await joinLink();
  await page.goto(`${app.url}/account/join#${secret}`);
  await page.locator('#join-email').fill('other@new.example');
  await page.keyboard.press('Enter');
  await heading(page, 'This link no longer works');
  await assertDiscreet(tab, app.url, secret);
  assert.ok(!JSON.stringify(app.log).includes(secret));
});
