// An organization with a member of each role, and their people, for tests of people.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Role } from '../../../src/model/actor.ts';
import { memberships } from '../../../src/resources/memberships/memberships.ts';
import type { EngineName } from '../../support/engines.ts';
import { setMember } from '../../support/members.ts';
import { type NewUser, startApp, type TestApp, type TestSettings } from '../../support/start-app.ts';

export const peoplePath = '/api/v2/people';
export const usersPath = '/api/v2/users';
export const membershipsPath = '/api/v2/organization_memberships';

export interface Account {
  readonly id: number;
  readonly token: string;
}

export interface World {
  readonly app: TestApp;
  readonly acme: number;
  readonly elsewhere: number;
  /** In acme; the foreigner owns elsewhere. */
  readonly owner: Account;
  readonly admin: Account;
  readonly member: Account;
  readonly foreigner: Account;
  readonly nobody: Account;
  readonly sysadmin: Account;
}

export async function startPeople(
  t: TestContext,
  engine: EngineName,
  settings: TestSettings = {},
): Promise<World> {
  const app = await startApp(t, engine, settings);
  const acme = await app.createOrganization('Acme');
  const elsewhere = await app.createOrganization('Elsewhere');
  const join = (first_name: string, role: Role, more: NewUser = {}) =>
    app.createUser({
      email: `${first_name.toLowerCase()}@acme.example`,
      organizationId: acme,
      role,
      values: { first_name, last_name: 'Lee' },
      ...more,
    });
  return {
    app,
    acme,
    elsewhere,
    owner: await join('Ola', 'owner'),
    admin: await join('Ada', 'admin'),
    member: await join('Mia', 'member'),
    foreigner: await app.createUser({ organizationId: elsewhere, role: 'owner' }),
    nobody: await app.createUser(),
    sysadmin: await app.createUser({ sysadmin: true }),
  };
}

/** The id of the person that a member is. */
export async function personOf({ store }: TestApp, organizationId: number, userId: number): Promise<number> {
  const id = await store.read.memberships.idOf(organizationId, userId);
  return (await store.read.records(memberships).find(id!))!.person_id;
}

/** Adds an account to an organization, or changes its role and end, and returns the id of the person. */
export async function join(
  app: TestApp,
  organizationId: number,
  userId: number,
  role: Role = 'member',
  expiresAt: number | null = null,
): Promise<number> {
  await app.store.write((transaction) =>
    setMember(transaction, organizationId, userId, role, app.clock.now, expiresAt),
  );
  return personOf(app, organizationId, userId);
}

/** A document of this type. */
export function documentOf(type: string, attributes: object) {
  return { data: { type, attributes } };
}

/** The only person of the account, as a sysadmin sees it, with its tag. */
export async function readPerson({ app, sysadmin }: World, userId: number): Promise<Person> {
  const { body, text } = await app.request('GET', `${peoplePath}?filter[user_id]=${userId}`, sysadmin);
  assert.equal(body?.data?.length, 1, text);
  const [{ id }] = body.data;
  const shown = await app.request('GET', `${peoplePath}/${id}`, sysadmin);
  return { id: Number(id), etag: shown.headers.get('etag')!, attributes: shown.body.data.attributes };
}

export interface Person {
  readonly id: number;
  readonly etag: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** As documents show it. */
export function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '+00:00');
}
