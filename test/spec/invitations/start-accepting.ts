// Requests of somebody who was invited, or who has the join link of an organization.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { people } from '../../../src/resources/people/people.ts';
import { users } from '../../../src/resources/users/users.ts';
import type { EngineName } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';

import type { Answer, RequestOptions, TestApp } from '../../support/start-app.ts';
import { documentOf } from '../people/start-people.ts';
import { newAddress } from '../sessions/start-sign-in.ts';
import { startInvitations } from './start-invitations.ts';

export const path = '/api/v2/invitations';
export const ina = 'ina@new.example';
export const password = 'a password of my own';

export async function startAccepting(
  t: TestContext,
  engine: EngineName,
  settings: Readonly<Record<string, string>> = {},
) {
  const world = await startInvitations(t, engine, { trustedProxies: 'loopback', ...settings });
  const { app, acme, owner } = world;
  return {
    ...world,
    ...acceptingAt(app),
    /** Invites as the owner. @returns the token of the link */
    async linkFor(email: string, attributes: object = {}): Promise<string> {
      await world.invited(email, attributes);
      return linkTo(app, email);
    },
    /** Makes a join link of acme. @returns its token */
    async joinLink(): Promise<string> {
      const body = documentOf('organizations', { invitation_token: 'new' });
      const answer = await app.request('PATCH', `/api/v2/organizations/${acme}`, { ...owner, body });
      assert.equal(answer.status, 200, answer.text);
      return answer.body.data.attributes.invitation_token;
    },
    account: async (email: string) => app.store.read.records(users).findByIdentity('email', email),
    roleOf: async (userId: number) => app.store.read.memberships.role(acme, userId, app.clock.now),
    /** The ids of all people of acme with this address. */
    async peopleWith(email: string) {
      const page = await app.request('GET', `/api/v2/people?filter[email]=${email}`, owner);
      return Promise.all(
        page.body.data.map(({ id }: { id: string }) => app.store.read.records(people).find(Number(id))),
      );
    },
  };
}

/** The token in the last mail to an address. */
export async function linkTo(app: TestApp, email: string): Promise<string> {
  return (await mailsTo(app, email)).filter(({ kind }) => kind === 'invitation').at(-1)!.token!;
}

/** Each request comes from a new address. */
export function acceptingAt(app: TestApp) {
  const send = (method: string, to: string, { headers, ...options }: RequestOptions = {}): Promise<Answer> =>
    app.request(method, to, { headers: { 'X-Forwarded-For': newAddress(), ...headers }, ...options });
  return {
    show: (token: string, method = 'GET') => send(method, `${path}/${token}`),
    /** @param attributes by default a password */
    accept: (token: string, attributes: object = { password }, options: RequestOptions = {}) =>
      send('PATCH', `${path}/${token}`, { body: documentOf('invitations', attributes), ...options }),
    ask: (attributes: object, options: RequestOptions = {}) =>
      send('POST', path, { body: documentOf('invitations', attributes), ...options }),
  };
}
