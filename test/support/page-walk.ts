// What tests of pages share: links of mails, opened as somebody does who reads the mail.

import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { addressOf } from '../../src/model/link.ts';
import type { MailRow } from '../../src/store/mails.ts';
import { mailsTo } from './mails.ts';
import type { Answer, TestApp } from './start-app.ts';

/** The token of the last mail of a kind to an address. */
export async function tokenTo(app: TestApp, address: string, kind: MailRow['kind']): Promise<string> {
  const mails = await mailsTo(app, address);
  return mails.filter((mail) => mail.kind === kind).at(-1)?.token ?? assert.fail(`no ${kind} to ${address}`);
}

/** Opens the link of the last mail of a kind to an address. @returns the token of the link */
export async function openLink(
  app: TestApp,
  page: Page,
  address: string,
  kind: 'password_reset' | 'email_confirmation' | 'email_changed' | 'invitation',
  language = 'en',
): Promise<string> {
  const token = await tokenTo(app, address, kind);
  const purpose = kind === 'email_changed' ? 'email_undo' : kind;
  // A new document, also if this tab shows the same page.
  await page.goto('about:blank');
  await page.goto(addressOf(app.url, purpose, language, token));
  return token;
}

export function heading(page: Page, name: string): Promise<void> {
  return page.getByRole('heading', { name, exact: true }).waitFor();
}

export function signIn(app: TestApp, email: string, password: string): Promise<Answer> {
  const attributes = { email, password };
  return app.request('POST', '/api/v2/sessions', { body: { data: { type: 'sessions', attributes } } });
}
