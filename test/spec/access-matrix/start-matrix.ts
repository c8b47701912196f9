// A service with the accounts and organizations of the matrix, and requests of each caller to it.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Config } from '../../../src/config.ts';
import type { Row } from '../../../src/model/resource.ts';
import { openStore } from '../../../src/open-store.ts';
import { resources } from '../../../src/resources/resources.ts';
import { clearedConfig, type EngineName } from '../../support/engines.ts';
import { type Answer, type RequestOptions, serveStore, type TestApp } from '../../support/start-app.ts';
import {
  type Account,
  accounts,
  isSysadmin,
  type OrganizationName,
  organizationNames,
  root,
} from './accounts.ts';
import { createSubjects } from './create-subjects.ts';
import type { Asker, Expectation, Subject } from './expectation.ts';
import { leaksIn } from './markers.ts';

export const noRecord = 999_999;

/** The settings that the access depends on. */
export const settings = [
  { membersSeeEachOther: false, selfService: false },
  { membersSeeEachOther: true, selfService: true },
] as const;

export function nameOfSettings({ membersSeeEachOther, selfService }: (typeof settings)[number]): string {
  return [
    membersSeeEachOther ? 'members see each other' : 'members see themselves',
    selfService ? 'everyone may create organizations' : 'managers create organizations',
  ].join(', ');
}

export interface Matrix {
  readonly app: TestApp;
  readonly config: Config;
  /** Callers who are let in, with and without X-Organization-Id. */
  readonly askers: readonly Asker[];
  /** Callers with the ids of organizations that are not theirs, and of one that does not exist. */
  readonly strangers: readonly { readonly account: Account; readonly organizationIds: readonly number[] }[];
  /** A sysadmin with all powers. */
  readonly root: Asker;
  tokenOf(account: Account): string;
  idOf(expectation: Pick<Expectation, 'type'>, subject: Subject): number;
  rowOf(expectation: Pick<Expectation, 'type'>, subject: Subject): Row;
  headersOf(asker: Asker): Record<string, string>;
  /** Sends a request as the caller. Fails if the answer contains what the caller may not know. */
  ask(asker: Asker, method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** The same with any token, for an answer that may contain nothing of any record. */
  askAs(token: string | undefined, method: string, path: string, options?: RequestOptions): Promise<Answer>;
}

export async function startMatrix(
  t: TestContext,
  engine: EngineName,
  given: (typeof settings)[number],
): Promise<Matrix> {
  const config = await clearedConfig(t, engine);
  const store = await openStore(config);
  t.after(() => store.close());
  const app = await serveStore(t, store, {
    membersSeeEachOther: String(given.membersSeeEachOther),
    selfServiceOrganizations: String(given.selfService),
    // What needs the password has tests of its own.
    tokensWithoutPassword: 'true',
    mailsPerAddress: '0',
    mailsPerClient: '0',
  });
  const { ids, tokens } = await createSubjects(app);
  const rows = new Map<string, Row>();
  for (const resource of resources)
    for (const [name, id] of Object.entries(ids[resource.type] ?? {}))
      rows.set(`${resource.type} ${name}`, (await app.store.read.records(resource).find(id)) as Row);

  const idOf: Matrix['idOf'] = ({ type }, { name }) => ids[type]![name]!;
  const asker = (account: Account, header: OrganizationName | null = null) => ({ account, header, ...given });
  // What powers open does not depend on the settings.
  const callers = accounts.filter(
    ({ hasExpired, isNoCaller, powers }) =>
      !hasExpired && !isNoCaller && (given === settings[0] || !powers?.length),
  );
  const headersOf: Matrix['headersOf'] = ({ header }) =>
    header === null ? {} : { 'X-Organization-Id': String(ids.organizations[header]) };
  const checked = async (
    who: Asker | null,
    method: string,
    path: string,
    options: RequestOptions,
  ): Promise<Answer> => {
    const answer = await app.request(method, path, options);
    const sent = `${decodeURIComponent(path)} ${JSON.stringify(options.body)}`;
    const received = [answer.text, ...answer.headers].join('\n');
    assert.deepEqual(leaksIn(received, sent, who), [], `the answer contains what is not the reader's`);
    return answer;
  };
  return {
    app,
    config,
    askers: callers.flatMap((account) => headersThatAdmit(account).map((header) => asker(account, header))),
    strangers: callers.map((account) => {
      const foreign = organizationNames.filter(
        (name) => !isSysadmin(account) && account.roles[name] === undefined,
      );
      return {
        account,
        organizationIds: [...foreign.map((name) => ids.organizations[name]!), noRecord],
      };
    }),
    root: asker(root),
    tokenOf: ({ name }) => tokens[name]!,
    idOf,
    rowOf: ({ type }, { name }) => rows.get(`${type} ${name}`)!,
    headersOf,
    ask: (who, method, path, options = {}) =>
      checked(who, method, path, {
        ...options,
        token: tokens[who.account.name],
        headers: { ...headersOf(who), ...options.headers },
      }),
    askAs: (token, method, path, options = {}) => checked(null, method, path, { ...options, token }),
  };
}

/** Without a header, in the organizations of the caller, and for sysadmins in one that is not theirs. */
function headersThatAdmit(account: Account): readonly (OrganizationName | null)[] {
  const own = organizationNames.filter((name) => account.roles[name] !== undefined);
  const isRoot = account === root;
  const others: OrganizationName[] = isRoot ? ['globex', 'initech'] : isSysadmin(account) ? ['acme'] : [];
  return [null, ...new Set([...own, ...others])];
}
