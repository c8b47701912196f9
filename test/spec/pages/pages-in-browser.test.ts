// What all pages have in common, in a real browser. What each of them does is in a file of its own.

import assert from 'node:assert/strict';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { pageNames } from '../../../src/model/link.ts';
import {
  assertAccessible,
  assertDiscreet,
  engineOfPages,
  openTab,
  phone,
  testInBrowser,
} from '../../support/browser.ts';
import { startApp } from '../../support/start-app.ts';

/** Shows all views of a page at once, with an error beside each field and a text for each value. */
const showEverything = `
  for (const view of document.querySelectorAll('[data-view]')) view.hidden = false;
  for (const error of document.querySelectorAll('[data-error]')) error.textContent = 'What is wrong here';
  for (const value of document.querySelectorAll('[data-value]')) value.textContent = 'x'.repeat(50) + '@example.com';
  for (const input of document.querySelectorAll('input')) input.ariaInvalid = 'true';
`;

testInBrowser('axe finds nothing on any page, in light and dark, on a small phone', async (t) => {
  // Of all greys, text on this one has the least contrast.
  const app = await startApp(t, engineOfPages, {
    brandColor: '#757575',
    brandUrl: 'https://app.example.com',
  });
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, errors } = await openTab(t, { ...phone, colorScheme });
    for (const name of pageNames) {
      await page.goto(`${app.url}/account/${name}?lang=${colorScheme === 'dark' ? 'de' : 'hr'}`);
      await page.locator('h1:visible').waitFor();
      await page.evaluate(showEverything);
      await assertAccessible(page);
    }
    assert.deepEqual(errors, []);
  }
});

testInBrowser('without JavaScript, every page says that it needs it, and nothing else', async (t) => {
  const app = await startApp(t, engineOfPages);
  const { page } = await openTab(t, { javaScriptEnabled: false, locale: 'de-AT' });
  for (const name of pageNames) {
    await page.goto(`${app.url}/account/${name}#a-token`);
    assert.equal(await page.locator('h1:visible').innerText(), 'Diese Seite braucht JavaScript');
    assert.equal(await page.locator('section:visible, form:visible').count(), 0);
  }
});

testInBrowser('a page without the token of its link says what to do', async (t) => {
  const app = await startApp(t, engineOfPages);
  const tab = await openTab(t);
  for (const name of pageNames.filter((one) => one !== 'reset')) {
    await tab.page.goto(`${app.url}/account/${name}`);
    await tab.page.getByText('Open the link in the mail again').waitFor();
  }
  await assertDiscreet(tab, app.url);
});

testInBrowser(
  'the token leaves the address bar, and stays when the page is loaded again or in another language',
  async (t) => {
    const app = await startApp(t, engineOfPages);
    const tab = await openTab(t);
    const { page } = tab;
    const tokenNow = () => page.evaluate('history.state?.token');
    await page.goto(`${app.url}/account/join?lang=en#one-token`);
    await page.getByRole('heading', { name: 'Join an organization' }).waitFor();
    assert.equal(page.url(), `${app.url}/account/join?lang=en`);
    await page.reload();
    await page.getByRole('heading', { name: 'Join an organization' }).waitFor();
    await page.getByRole('link', { name: 'Deutsch' }).click();
    await page.getByRole('heading', { name: 'Einer Organisation beitreten' }).waitFor();
    assert.equal(page.url(), `${app.url}/account/join?lang=de`);
    assert.equal(await tokenNow(), 'one-token');
    // Another link in the same tab.
    await page.evaluate("location.hash = 'another-token'");
    await page.waitForFunction("history.state?.token === 'another-token' && location.hash === ''");
    await page.getByRole('heading', { name: 'Einer Organisation beitreten' }).waitFor();
    await assertDiscreet(tab, app.url, 'one-token');
    assert.doesNotMatch(JSON.stringify(app.log), /one-token|another-token/);
  },
);

testInBrowser(
  'says in words that there is no connection, that a proxy cannot reach the service, or that there were too many attempts',
  async (t) => {
    const app = await startApp(t, engineOfPages);
    const tab = await openTab(t, { locale: 'de' });
    const { page } = tab;
    const context = page.context();
    await page.goto(`${app.url}/account/reset`);
    await page.locator('#ask-email').fill('ann@example.com');
    const send = page.getByRole('button', { name: 'Link senden' });
    const error = page.getByRole('alert').filter({ visible: true });

    await context.setOffline(true);
    await send.click();
    await error.filter({ hasText: 'Der Dienst ist nicht erreichbar.' }).waitFor();
    await context.setOffline(false);
    await page.route('**/api/v2/passwords', (route) =>
      route.fulfill({ status: 502, body: '<html>Bad Gateway' }),
    );
    await send.click();
    await error.filter({ hasText: 'Der Dienst ist überlastet oder wird neu gestartet.' }).waitFor();
    await page.unroute('**/api/v2/passwords');

    const ofLink = '**/api/v2/passwords/x';
    await page.route(ofLink, (route) => route.fulfill({ status: 503 }));
    await page.goto(`${app.url}/account/reset#x`);
    await page.getByRole('heading', { name: 'Diese Seite lässt sich nicht öffnen' }).waitFor();
    await page.unroute(ofLink);
    await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
    await page.getByRole('heading', { name: 'Dieser Link funktioniert nicht mehr' }).waitFor();

    for (let i = 0; i < 100; i++) await app.request('GET', '/api/v2/passwords/x');
    await page.reload();
    await page
      .getByText(/^Zu viele Versuche. Versuchen Sie es in \d+ (Sekunden|Minuten) noch einmal.$/)
      .waitFor();
  },
);

/** A reverse proxy that serves everything below a path. */
async function startProxy(t: TestContext, prefix: string, target: () => string): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming;
    if (!url.startsWith(`${prefix}/`)) {
      outgoing.writeHead(404).end();
      return;
    }
    const options = { headers, ...(method !== undefined && { method }) };
    const passed = httpRequest(target() + url.slice(prefix.length), options, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${prefix}`;
}

testInBrowser('pages work below a path of a reverse proxy', async (t) => {
  let appUrl = '';
  const publicUrl = await startProxy(t, '/service/users', () => appUrl);
  const app = await startApp(t, engineOfPages, { publicUrl });
  appUrl = app.url;
  const tab = await openTab(t);
  for (const path of ['reset', 'reset/']) {
    await tab.page.goto(`${publicUrl}/account/${path}`);
    await tab.page.locator('#ask-email').fill('nobody@example.com');
    await tab.page.getByRole('button', { name: 'Send the link' }).click();
    await tab.page.getByRole('heading', { name: 'Look into your inbox' }).waitFor();
  }
  assert.equal(
    await tab.page.evaluate("getComputedStyle(document.querySelector('main')).borderTopColor"),
    'rgb(29, 78, 216)',
  );
  await assertDiscreet(tab, publicUrl);
});
