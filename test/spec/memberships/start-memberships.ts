// Two organizations with accounts in every role, for tests of memberships.

import type { TestContext } from 'node:test';
import type { Role } from '../../../src/model/actor.ts';
import type { EngineName } from '../../support/engines.ts';
import { type Answer, startApp, type TestApp } from '../../support/start-app.ts';

export const membershipsPath = '/api/v2/organization_memberships';

export interface Account {
  readonly id: number;
  readonly token: string;
}

type Given = Readonly<Record<string, unknown>>;

export interface World {
  readonly app: TestApp;
  readonly acme: number;
  readonly elsewhere: number;
  /** owner, second (an owner too), admin, other (an admin too), member; foreigner, nobody; sysadmin, manager. */
  readonly accounts: Readonly<Record<string, Account>>;
  send(
    who: string,
    method: string,
    path: string,
    given?: Given,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Adds an account with this role to acme. @returns the path of its membership */
  join(name: string, role?: Role): Promise<string>;
  /** Path of the membership of the account in acme, or in another organization. */
  pathOf(name: string, organizationId?: number): Promise<string>;
}

/** A document of a membership with these attributes, and relationships under `relationships`. */
export function membershipDocument({ relationships, id, ...attributes }: Given) {
  return {
    data: {
      type: 'organization_memberships',
      ...(id !== undefined && { id }),
      attributes,
      ...(relationships !== undefined && { relationships }),
    },
  };
}

export function linkTo(type: string, id: number) {
  return { data: { type, id: String(id) } };
}

export async function startMemberships(
  t: TestContext,
  engine: EngineName,
  settings: Readonly<Record<string, string>> = {},
): Promise<World> {
  return makeWorld(await startApp(t, engine, settings));
}

export async function makeWorld(app: TestApp): Promise<World> {
  const acme = await app.createOrganization('Acme');
  const elsewhere = await app.createOrganization('Elsewhere');
  const inAcme = (role: Role) => app.createUser({ organizationId: acme, role });
  const accounts: Record<string, Account> = {
    owner: await inAcme('owner'),
    second: await inAcme('owner'),
    admin: await inAcme('admin'),
    other: await inAcme('admin'),
    member: await inAcme('member'),
    foreigner: await app.createUser({ organizationId: elsewhere, role: 'owner' }),
    nobody: await app.createUser(),
    sysadmin: await app.createUser({ sysadmin: ['manage_users', 'manage_security'] }),
    manager: await app.createUser({ sysadmin: ['manage_organizations'] }),
  };
  const pathOf: World['pathOf'] = async (name, organizationId = acme) =>
    `${membershipsPath}/${await app.store.read.memberships.idOf(organizationId, accounts[name]!.id)}`;
  return {
    app,
    acme,
    elsewhere,
    accounts,
    pathOf,
    send: (who, method, path, given, headers = {}) =>
      app.request(method, path, {
        token: accounts[who]!.token,
        headers,
        ...(given && { body: membershipDocument(given) }),
      }),
    async join(name, role = 'member') {
      accounts[name] = await inAcme(role);
      return pathOf(name);
    },
  };
}
