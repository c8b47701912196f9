// A real Chromium for tests of pages: one for each test file. Without one, these tests are left out.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, type TestContext, test } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { engines } from './chosen-engines.ts';

const candidates = [
  process.env.CHROMIUM ?? '',
  ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(
    (name) => `/usr/bin/${name}`,
  ),
];
const executablePath = candidates.find((path) => path !== '' && existsSync(path));

/** On which tests of pages run: pages know the database by the API alone, which is tested on each engine. */
export const engineOfPages = engines[0]!;

/** A test that opens pages. */
export function testInBrowser(name: string, body: (t: TestContext) => Promise<void>): void {
  const skip =
    executablePath === undefined &&
    'no Chromium: install the package chromium of the system, or set CHROMIUM to its executable';
  test(name, { skip, timeout: 120_000 }, body);
}

let launched: Promise<Browser> | undefined;
after(async () => (await launched)?.close());

function browser(): Promise<Browser> {
  // The sandbox refuses to run as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  launched ??= chromium.launch({ executablePath: executablePath!, args });
  return launched;
}

export const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true } as const;

/** A tab of a new browser profile, and everything that it did. */
export interface Tab {
  readonly page: Page;
  /** Address of each request, and its headers. */
  readonly requests: { readonly url: string; readonly headers: Readonly<Record<string, string>> }[];
  /** Errors in the console, but for answers that are no success. */
  readonly errors: string[];
}

export async function openTab(t: TestContext, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await (await browser()).newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  const tab: Tab = { page, requests: [], errors: [] };
  page.on('request', (request) => tab.requests.push({ url: request.url(), headers: request.headers() }));
  page.on('pageerror', (error) => tab.errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      tab.errors.push(message.text());
  });
  return tab;
}

/**
 * That a tab asked nobody but the service, never with the token in an address except where the API has it, kept nothing, and
 * violated no policy. A violation of the Content-Security-Policy is an error in the console.
 */
export async function assertDiscreet(
  { page, requests, errors }: Tab,
  url: string,
  token = '',
): Promise<void> {
  assert.deepEqual(errors, []);
  assert.ok(requests.length > 0);
  for (const request of requests) {
    assert.ok(request.url.startsWith(`${url}/`), request.url);
    assert.equal(request.headers.referer ?? '', '', request.url);
    assert.equal(request.headers.cookie, undefined, request.url);
    const isApi = /\/api\/v2\/\w+\/[^/?#]+$/.test(request.url);
    assert.ok(isApi || token === '' || !request.url.includes(token), request.url);
  }
  assert.deepEqual(await page.context().cookies(), []);
  const stored = await page.evaluate('[localStorage.length, sessionStorage.length]');
  assert.deepEqual(stored, [0, 0]);
  if (token !== '') assert.ok(!page.url().includes(token), page.url());
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** That people with disabilities can use what is visible (axe-core), and that nothing is wider than the screen. */
export async function assertAccessible(page: Page): Promise<void> {
  // Evaluated from outside of the page, so that its Content-Security-Policy stays as it is.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ violations: Violation[] }>(
    "axe.run(document, { resultTypes: ['violations'] })",
  );
  const problems = violations.map(({ impact, id, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`);
  assert.deepEqual(problems, []);
  assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'too wide');
}

/** Goes to an element with the Tab key, as somebody without a mouse does. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 30; i++) {
    if ((await page.locator(`${selector}:focus`).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the Tab key does not lead to ${selector}`);
}
