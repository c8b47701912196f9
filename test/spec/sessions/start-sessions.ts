// A service with accounts that have sessions, for tests of sessions.

import type { TestContext } from 'node:test';
import { hashToken } from '../../../src/security/tokens.ts';
import type { EngineName } from '../../support/engines.ts';
import { type Answer, type NewToken, startApp, type TestApp } from '../../support/start-app.ts';
import { sessionDocument } from './start-sign-in.ts';

export const sessionsPath = '/api/v2/sessions';
export const password = 'the first of many';

type Given = Readonly<Record<string, unknown>>;

export interface Session {
  readonly id: number;
  readonly token: string;
  /** `/api/v2/sessions/{id}` */
  readonly path: string;
}

export interface SessionsApp extends TestApp {
  /** A session of the account; by default a sign-in. */
  session(userId: number, options?: NewToken): Promise<Session>;
  /** The session of a token. */
  sessionOf(token: string): Promise<Session>;
  /** A request with a document of these attributes. */
  send(
    token: string,
    method: string,
    path?: string,
    attributes?: Given,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** The status of a request with the token: 200 or 401. */
  statusOf(token: string): Promise<number>;
}

export async function startSessions(
  t: TestContext,
  engine: EngineName,
  settings: Readonly<Record<string, string>> = {},
): Promise<SessionsApp> {
  const app = await startApp(t, engine, settings);
  return withSessions(app);
}

export function withSessions(app: TestApp): SessionsApp {
  const sessionOf: SessionsApp['sessionOf'] = async (token) => {
    const { sessionId: id } = (await app.store.authenticate(hashToken(token), null))!;
    return { id, token, path: `${sessionsPath}/${id}` };
  };
  return {
    ...app,
    sessionOf,
    session: async (userId, options = { machine: false }) =>
      sessionOf(await app.createToken(userId, options)),
    send: (token, method, path = sessionsPath, attributes, headers = {}) =>
      app.request(method, path, {
        token,
        headers,
        ...(attributes && { body: sessionDocument(attributes) }),
      }),
    statusOf: async (token) => (await app.request('GET', '/api/v2/users', { token })).status,
  };
}
