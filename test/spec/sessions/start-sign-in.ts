// A service behind a trusted proxy, so that sign-ins come from any address.

import type { TestContext } from 'node:test';
import type { EngineName } from '../../support/engines.ts';
import {
  type Answer,
  type RequestOptions,
  startApp,
  type TestApp,
  type TestOptions,
} from '../../support/start-app.ts';

export const right = 'correct horse battery';
export const wrong = 'a wrong password';

export const sessionDocument = (attributes: Readonly<Record<string, unknown>>) => ({
  data: { type: 'sessions', attributes },
});

export interface SignIns {
  readonly app: TestApp;
  /** @param from address of the client; by default a new one each time */
  signIn(email: string, password: string, options?: { from?: string } & SignInOptions): Promise<Answer>;
}

export interface SignInOptions extends Omit<RequestOptions, 'body'> {
  /** Further attributes. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

let addresses = 0;

/** Never the same, also as a /64. */
export function newAddress(): string {
  addresses++;
  return `2001:db8:${(addresses >> 16).toString(16)}:${(addresses & 0xffff).toString(16)}::1`;
}

export async function startSignIns(
  t: TestContext,
  engine: EngineName,
  settings: Readonly<Record<string, string>> = {},
  options: TestOptions = {},
): Promise<SignIns> {
  const app = await startApp(t, engine, { trustedProxies: 'loopback', ...settings }, options);
  return { app, signIn: signInAt(app) };
}

export function signInAt(app: Pick<TestApp, 'request'>): SignIns['signIn'] {
  return (email, password, { from = newAddress(), attributes, headers, ...options } = {}) =>
    app.request('POST', '/api/v2/sessions', {
      ...options,
      headers: { 'X-Forwarded-For': from, ...headers },
      body: sessionDocument({ email, password, ...attributes }),
    });
}
