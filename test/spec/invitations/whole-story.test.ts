// The life of an account as people live it: with a phone and a mail program, on two processes with one database, both of
// which are killed again and again, while the mail server fails in between.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { openTab, phone, testInBrowser } from '../../support/browser.ts';
import { onTables, rowsOf, urlOf } from '../../support/database-rows.ts';
import { clearedConfig, type EngineName, onEachEngine } from '../../support/engines.ts';
import { oneAddress } from '../../support/one-address.ts';
import { heading } from '../../support/page-walk.ts';
import { sendingThrough } from '../../support/queued-mails.ts';
import { startSmtpServer, type TestSmtpServer } from '../../support/smtp-server.ts';
import { type MusterProcess, spawnMuster } from '../../support/spawn-muster.ts';
import { type Answer, send } from '../../support/start-app.ts';

const root = 'a-token-of-the-first-account-with-32-characters';
const owner = 'owner@example.com';
const ann = 'ann@example.com';
const annAtWork = 'ann.lee@work.example';
const firstPassword = 'four words for ann';
const secondPassword = 'four other words for ann';

interface Service {
  readonly url: string;
  readonly server: TestSmtpServer;
  ask(
    token: string | undefined,
    method: string,
    path: string,
    type?: string,
    attributes?: object,
  ): Promise<Answer>;
  /** Kills all processes, and starts others, to which what was paused or leased is due at once. */
  killAndStart(meanwhile?: () => unknown): Promise<void>;
  /** The text of the last mail to an address that was accepted, once there are this many to it. */
  mailTo(address: string, count: number): Promise<string>;
  /** Waits until a mail has failed, and ends its pause. */
  endPause(): Promise<void>;
  /** Waits until every mail was sent, once. @returns how many there are for each recipient */
  allSent(): Promise<Readonly<Record<string, number>>>;
}

/** On SQLite two workers, on PostgreSQL two services. */
async function startService(t: TestContext, engine: EngineName): Promise<Service> {
  const server = await startSmtpServer(t);
  const database = await clearedConfig(t, engine);
  const urls: string[] = [];
  const url = await oneAddress(t, urls);
  const env = {
    ...sendingThrough(server),
    MUSTER_PUBLIC_URL: url,
    MUSTER_DATABASE_URL: urlOf(database),
    MUSTER_BOOTSTRAP_EMAIL: owner,
    MUSTER_BOOTSTRAP_TOKEN: root,
    MUSTER_BOOTSTRAP_PASSWORD: 'a password of the first account',
  };
  let running: MusterProcess[] = [];
  async function start() {
    const serve = (settings = {}) => spawnMuster(t, { env: { ...env, ...settings } });
    running = engine === 'postgres' ? [await serve(), await serve()] : [await serve({ MUSTER_WORKERS: '2' })];
    urls.splice(0, urls.length, ...running.map((one) => one.url));
  }
  await start();
  return {
    url,
    server,
    ask: (token, method, path, type = '', attributes) =>
      send(url, method, `/api/v2${path}`, {
        token,
        headers: { Connection: 'close' },
        ...(attributes && { body: { data: { type, attributes } } }),
      }),
    async killAndStart(meanwhile = () => {}) {
      await Promise.all(running.map((one) => one.stop('SIGKILL')));
      await meanwhile();
      await onTables(
        database,
        `UPDATE leases SET expires_at = 0, due_at = 0 WHERE name = 'send-mails' RETURNING name`,
      );
      await onTables(database, `UPDATE mails SET due_at = 0 WHERE state = 'queued' RETURNING id`);
      await start();
    },
    async mailTo(address, count) {
      const received = () => server.mails.filter(({ recipient }) => recipient === address);
      while (received().length < count) await server.received(server.mails.length + 1);
      return received().at(-1)!.text!;
    },
    async endPause() {
      const failed = `UPDATE mails SET due_at = 0 WHERE state = 'queued' AND last_error IS NOT NULL RETURNING id`;
      while ((await onTables(database, failed)).length === 0) await sleep(50);
    },
    async allSent() {
      const states = async () => (await rowsOf(database, 'mails')).map(({ state }) => state);
      while ((await states()).includes('queued')) await sleep(50);
      assert.deepEqual(new Set(await states()), new Set(['sent']));
      const ids = server.mails.map(({ messageId }) => messageId);
      assert.equal(new Set(ids).size, ids.length);
      assert.equal(ids.length, (await states()).length);
      const to = Object.groupBy(server.mails, ({ recipient }) => recipient);
      return Object.fromEntries(Object.entries(to).map(([address, mails]) => [address, mails!.length]));
    },
  };
}

/** Opens the link in the text of a mail, as a person does. */
async function openLinkIn(page: Page, text: string): Promise<void> {
  await page.goto('about:blank');
  await page.goto(linkIn(text));
}

function linkIn(text: string): string {
  const links = text.match(/^https?:\S+#\S+$/gm) ?? [];
  assert.equal(links.length, 1, text);
  return links[0]!;
}

function tokenIn(text: string): string {
  return linkIn(text).split('#')[1]!;
}

onEachEngine((engine) => {
  testInBrowser(
    'somebody is invited, sets a password on a phone, forgets it, resets it, and takes back a changed address, while mails and services fail',
    async (t) => {
      const { server, url, ask, killAndStart, mailTo, endPause, allSent } = await startService(t, engine);
      const organization = await ask(root, 'POST', '/organizations', 'organizations', { name: 'Lake House' });
      assert.equal(organization.status, 201, organization.text);
      const invitations = `/organizations/${organization.body.data.id}/invitations`;
      const { page } = await openTab(t, phone);
      const acceptAll = () => {
        server.reply = () => undefined;
      };

      // The mail server is away when she is invited, and the service is killed before it is back.
      await server.stop();
      const invited = await ask(root, 'POST', invitations, 'invitations', {
        ...{ email: ann, role: 'admin', first_name: 'Ann', last_name: 'Li' },
      });
      assert.equal(invited.status, 201, invited.text);
      await killAndStart(() => server.start());
      await openLinkIn(page, await mailTo(ann, 1));
      await heading(page, 'You are invited');
      await page.getByRole('textbox', { name: 'Last name' }).fill('Lee');
      await page.locator('#accept-password').fill(firstPassword);
      await page.getByRole('button', { name: 'Accept the invitation' }).tap();
      await heading(page, 'Welcome');
      await mailTo(owner, 1);

      // She forgets it. The server refuses the mail for now.
      server.reply = (stage) => (stage === 'recipient' ? '451 4.3.0 Try again later' : undefined);
      await page.goto(`${url}/account/reset`);
      await page.getByRole('textbox', { name: 'Email address' }).fill(ann);
      await page.getByRole('button', { name: 'Send the link' }).tap();
      await heading(page, 'Look into your inbox');
      await server.asked(`recipient ${ann}`, 2);
      acceptAll();
      await endPause();
      await openLinkIn(page, await mailTo(ann, 2));
      await heading(page, 'Choose a new password');
      await page.locator('#set-password').fill(secondPassword);
      await page.getByRole('button', { name: 'Save the password' }).tap();
      await heading(page, 'Your password is saved');
      await mailTo(ann, 3);

      const signIn = async (email: string, password: string) => {
        const answer = await ask(undefined, 'POST', '/sessions', 'sessions', { email, password });
        return { ...answer, token: answer.body?.data?.attributes?.token as string };
      };
      assert.equal((await signIn(ann, firstPassword)).status, 401);
      const { token } = await signIn(ann, secondPassword);
      const me = await ask(token, 'GET', '/users/me');
      const path = `/users/${me.body.data.id}`;
      assert.equal(me.body.data.attributes.last_name, 'Lee');

      // She changes her address. The service is killed while the mail server thinks about the mail to the old one.
      server.reply = (stage) => (stage === 'recipient' ? 'hang' : undefined);
      const changed = await ask(token, 'PATCH', path, 'users', { email: annAtWork });
      assert.equal(changed.status, 200, changed.text);
      await server.asked(`recipient ${ann}`, 5);
      await killAndStart(acceptAll);
      await openLinkIn(page, await mailTo(ann, 4));
      assert.equal((await signIn(annAtWork, secondPassword)).status, 201);
      await heading(page, 'Undo the change of your email address');
      await page.getByRole('button', { name: 'Undo the change' }).tap();
      await heading(page, 'The change is undone');
      assert.equal((await signIn(annAtWork, secondPassword)).status, 401);
      assert.equal((await ask(token, 'GET', '/users/me')).status, 401);
      assert.equal((await signIn(ann, secondPassword)).status, 201);

      // The invitation, two notices and the link in between; who has joined; that the address was taken back.
      assert.deepEqual(await allSent(), { [ann]: 4, [owner]: 1, [annAtWork]: 1 });
    },
  );

  testInBrowser(
    'an owner fills an organization by invitations alone, and its deletion ends those that are open',
    async (t) => {
      const { server, ask, killAndStart, mailTo, allSent } = await startService(t, engine);
      const { body } = await ask(root, 'POST', '/organizations', 'organizations', { name: 'Lake House' });
      const path = `/organizations/${body.data.id}`;
      const invite = async (email: string, role = 'member') => {
        const attributes = { email, role, first_name: 'Bo', last_name: 'Li' };
        const answer = await ask(root, 'POST', `${path}/invitations`, 'invitations', attributes);
        assert.equal(answer.status, 201, answer.text);
      };
      const addresses = Array.from({ length: 6 }, (_, i) => `person${i}@example.com`);
      const never = 'never@example.com';
      const acceptAll = () => {
        server.reply = () => undefined;
      };
      // The server takes no mail while half of them are invited; then the service is killed.
      server.reply = (stage) => (stage === 'data' ? '452 4.3.1 Insufficient system storage' : undefined);
      await Promise.all(addresses.slice(0, 3).map((address) => invite(address)));
      await killAndStart(acceptAll);
      await Promise.all(addresses.slice(3).map((address) => invite(address)));
      await invite(never, 'admin');

      const accept = async (address: string) => {
        const token = tokenIn(await mailTo(address, 1));
        const attributes = { first_name: 'Bo', last_name: 'Li', password: firstPassword };
        return ask(undefined, 'PATCH', `/invitations/${token}`, 'invitations', attributes);
      };
      for (const answer of await Promise.all(addresses.map(accept)))
        assert.equal(answer.status, 204, answer.text);
      const people = await ask(root, 'GET', `/people?filter[is_user]=true&filter[role]=member`);
      assert.deepEqual(people.body.data.map(({ attributes }: any) => attributes.email).sort(), addresses);

      const token = tokenIn(await mailTo(never, 1));
      assert.equal((await ask(undefined, 'GET', `/invitations/${token}`)).status, 200);
      assert.equal((await ask(root, 'DELETE', path)).status, 204);
      assert.equal((await ask(undefined, 'GET', `/invitations/${token}`)).status, 404);
      assert.equal((await accept(never)).status, 404);
      const { page } = await openTab(t, phone);
      await openLinkIn(page, await mailTo(never, 1));
      await heading(page, 'This link no longer works');
      assert.deepEqual(await allSent(), {
        ...Object.fromEntries([...addresses, never].map((address) => [address, 1])),
        // One for everybody who has accepted.
        [owner]: addresses.length,
      });
    },
  );
});
