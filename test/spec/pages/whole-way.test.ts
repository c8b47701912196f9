// The whole way of somebody who knows nothing of the service: by the links in mails, in a browser, and with nothing else.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { openTab, phone, testInBrowser } from '../../support/browser.ts';
import { onEachEngine } from '../../support/engines.ts';
import { heading, signIn } from '../../support/page-walk.ts';
import { document, startApp } from '../../support/start-app.ts';

const email = 'ina@home.example';
const passwords = ['the first one of ina', 'the second one of ina'] as const;

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

onEachEngine((engine) => {
  testInBrowser(
    'somebody is invited, sets a password, forgets it, resets it, changes the address and undoes that',
    async (t) => {
      const app = await startApp(t, engine);
      const acme = await app.createOrganization('Acme');
      const owner = await app.createUser({ organizationId: acme, role: 'owner' });
      const operator = await app.createUser({ sysadmin: true });
      const { page } = await openTab(t, phone);
      /** Opens the link of the newest mail with this subject, as it is written there. */
      const openMail = async (subject: RegExp) => {
        const { body } = await app.request('GET', '/api/v2/mailbox', { token: operator.token });
        const mails: Record<string, string>[] = body.data.map(({ attributes }: any) => attributes);
        const mail = mails.find((one) => one.to === email && subject.test(one.subject!));
        await page.goto(/https?:\/\/\S+\/account\/\S+/.exec(mail?.text ?? assert.fail(`no ${subject}`))![0]);
      };

      const invitation = { type: 'invitations', attributes: { email, role: 'member' } };
      const path = `/api/v2/organizations/${acme}/invitations`;
      const invited = await app.request('POST', path, { token: owner.token, body: { data: invitation } });
      assert.equal(invited.status, 201, invited.text);
      await openMail(/Acme/);
      await page.locator('#accept-first_name').fill('Ina');
      await page.locator('#accept-last_name').fill('Lee');
      await page.locator('#accept-password').fill(passwords[0]);
      await press(page, 'Accept the invitation');
      await heading(page, 'Welcome');
      const signedIn = await signIn(app, email, passwords[0]);
      assert.equal(signedIn.status, 201);

      await page.goto(`${app.url}/account/reset`);
      await page.locator('#ask-email').fill(email);
      await press(page, 'Send the link');
      await heading(page, 'Look into your inbox');
      await openMail(/^Reset your password/);
      await page.locator('#set-password').fill(passwords[1]);
      await press(page, 'Save the password');
      await heading(page, 'Your password is saved');
      const { token, user_id: id } = (await signIn(app, email, passwords[1])).body.data.attributes;
      assert.equal((await signIn(app, email, passwords[0])).status, 401);

      const other = document({ email: 'ina@work.example' });
      const changed = await app.request('PATCH', `/api/v2/users/${id}`, { token, body: other });
      assert.equal(changed.status, 200, changed.text);
      await openMail(/address/);
      await press(page, 'Undo the change');
      await heading(page, 'The change is undone');
      assert.equal((await signIn(app, email, passwords[1])).status, 201);
      const memberships = await app.request('GET', `/api/v2/users/${id}/organization_memberships`, {
        token: operator.token,
      });
      assert.equal(memberships.body.data.length, 1);
    },
  );
});
