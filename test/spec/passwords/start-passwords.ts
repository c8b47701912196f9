// Requests of somebody who sets a new password by a link in a mail.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { EngineName } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import {
  type Answer,
  type RequestOptions,
  startApp,
  type TestApp,
  type TestOptions,
  type TestSettings,
} from '../../support/start-app.ts';
import { newAddress } from '../sessions/start-sign-in.ts';

export const path = '/api/v2/passwords';
export const ann = 'ann@example.com';
export const old = 'correct horse battery';
export const fresh = 'a much better battery';

export interface Passwords {
  readonly app: TestApp;
  /** Asks for a link, by default from a new address each time. */
  ask(email: unknown, options?: RequestOptions): Promise<Answer>;
  /** Asks for a link. @returns its token */
  link(email: string): Promise<string>;
  show(token: string, method?: 'GET' | 'HEAD'): Promise<Answer>;
  /** @param attributes by default a new password */
  reset(token: string, attributes?: Readonly<Record<string, unknown>>): Promise<Answer>;
}

export async function startPasswords(
  t: TestContext,
  engine: EngineName,
  settings: TestSettings = {},
  options: TestOptions = {},
): Promise<Passwords> {
  return passwordsAt(await startApp(t, engine, { trustedProxies: 'loopback', ...settings }, options));
}

export function passwordsAt(app: TestApp): Passwords {
  const from = () => ({ 'X-Forwarded-For': newAddress() });
  const ask: Passwords['ask'] = (email, { headers, ...options } = {}) =>
    app.request('POST', path, {
      body: passwordDocument({ email }),
      headers: { ...from(), ...headers },
      ...options,
    });
  return {
    app,
    ask,
    async link(email) {
      assert.equal((await ask(email)).status, 204);
      const links = (await mailsTo(app, email)).filter(({ kind }) => kind === 'password_reset');
      return links.at(-1)!.token!;
    },
    show: (token, method = 'GET') => app.request(method, `${path}/${token}`, { headers: from() }),
    reset: (token, attributes = { password: fresh, password_confirmation: fresh }) =>
      app.request('PATCH', `${path}/${token}`, { body: passwordDocument(attributes), headers: from() }),
  };
}

export const passwordDocument = (attributes: Readonly<Record<string, unknown>>, id?: unknown) => ({
  data: { type: 'passwords', ...(id !== undefined && { id }), attributes },
});
