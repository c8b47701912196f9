// An organization with a member of each role, who invite to it.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Invitation } from '../../../src/resources/invitations/invitations.ts';
import { invitations } from '../../../src/resources/invitations/invitations.ts';
import { hashToken } from '../../../src/security/tokens.ts';
import type { EngineName } from '../../support/engines.ts';
import { mailsTo } from '../../support/mails.ts';
import type { Answer, RequestOptions, TestSettings } from '../../support/start-app.ts';
import { documentOf, startPeople } from '../people/start-people.ts';

export async function startInvitations(t: TestContext, engine: EngineName, settings: TestSettings = {}) {
  const world = await startPeople(t, engine, settings);
  const { app, acme, owner } = world;
  const path = `/api/v2/organizations/${acme}/invitations`;
  const invite = (attributes: object, options: RequestOptions = owner): Promise<Answer> =>
    app.request('POST', path, { ...options, body: documentOf('invitations', attributes) });
  const find = async (id: number): Promise<Invitation | null> => app.store.read.records(invitations).find(id);
  return {
    ...world,
    /** The invitations of acme. */
    path,
    /** By default as the owner. */
    invite,
    find,
    /** Invites as the owner, and expects that it succeeds. */
    async invited(
      email: string,
      attributes: object = {},
      options: RequestOptions = owner,
    ): Promise<Invitation> {
      const { status, body, text } = await invite({ email, ...attributes }, options);
      assert.equal(status, 201, text);
      return (await find(Number(body.data.id)))!;
    },
    act: (method: string, { id }: { id: number }, what = '', options: RequestOptions = owner) =>
      app.request(method, `/api/v2/invitations/${id}${what}`, options),
    /** For each mail to an address, whether its link can be used. */
    async linksTo(address: string): Promise<boolean[]> {
      const mails = await mailsTo(app, address);
      return Promise.all(
        mails.map(async ({ token }) => {
          const link = await app.store.read.links.find(hashToken(token!), 'invitation', app.clock.now);
          return link !== null;
        }),
      );
    },
  };
}
