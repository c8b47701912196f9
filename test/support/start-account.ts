import type { TestContext } from 'node:test';
import type { EngineName } from './engines.ts';
import { type Answer, type NewUser, startApp, type TestApp } from './start-app.ts';

/** A service with one account that reads and changes itself. */
export interface Account {
  readonly app: TestApp;
  readonly id: number;
  readonly path: string;
  readonly token: string;
  /** PATCH of the account. A string is sent as the JSON of the attributes. */
  change(attributes: Readonly<Record<string, unknown>> | string): Promise<Answer>;
  /** The current attributes. */
  attributes(): Promise<any>;
}

export async function startAccount(
  t: TestContext,
  engine: EngineName,
  user: NewUser = {},
  settings: Readonly<Record<string, string>> = {},
): Promise<Account> {
  const app = await startApp(t, engine, settings);
  const { id, token } = await app.createUser(user);
  const path = `/api/v2/users/${id}`;
  return {
    app,
    id,
    path,
    token,
    change(attributes) {
      const json = typeof attributes === 'string' ? attributes : JSON.stringify(attributes);
      return app.request('PATCH', path, { token, body: `{"data":{"type":"users","attributes":${json}}}` });
    },
    attributes: async () => (await app.request('GET', path, { token })).body.data.attributes,
  };
}

/** For each value of an attribute: the violations, or `taken` if it was stored unchanged. */
export async function tryValues(
  account: Pick<Account, 'change' | 'attributes'>,
  attribute: string,
  candidates: Iterable<unknown>,
): Promise<[value: unknown, outcome: string][]> {
  const outcomes: [unknown, string][] = [];
  for (const value of candidates) {
    const { status, body } = await account.change({ [attribute]: value });
    const stored = (await account.attributes())[attribute];
    const taken = JSON.stringify(stored) === JSON.stringify(value) ? 'taken' : `${status}, not taken`;
    const rules = (body.errors ?? []).map(({ detail }: { detail: string }) => detail);
    outcomes.push([value, status === 200 ? taken : [status, ...rules].join(' ')]);
  }
  return outcomes;
}
