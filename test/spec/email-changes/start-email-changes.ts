// Ann, whose email changes, and what the links in her mails do.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { EngineName } from '../../support/engines.ts';
import { mailsTo, type ReceivedMail } from '../../support/mails.ts';
import { type Answer, document, startApp, type TestApp } from '../../support/start-app.ts';

export const password = 'rain on the tin roof';
export const another = 'a kettle of warm water';
export const hour = 60 * 60 * 1000;

export const undos = '/api/v2/email_undos';
export const confirmations = '/api/v2/email_confirmations';

export interface EmailChanges {
  readonly app: TestApp;
  readonly id: number;
  /** A sign-in of Ann. */
  readonly token: string;
  readonly root: string;
  /** PATCHes Ann, as herself by default. */
  change(
    attributes: Record<string, unknown>,
    token?: string,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Changes the email, and lets a second pass. */
  moveTo(email: string, token?: string): Promise<void>;
  email(): Promise<string | null>;
  /** The last mail of this kind to an address. */
  mail(address: string, kind: string): Promise<ReceivedMail>;
  /** The token of the last link that undoes the change away from this address. */
  undoOf(address: string): Promise<string>;
  undo(token: string, attributes?: Record<string, unknown>): Promise<Answer>;
  confirm(token: string): Promise<Answer>;
  signIn(email: string, password: string): Promise<Answer>;
  create(email: string): Promise<Answer>;
}

export async function startEmailChanges(
  t: TestContext,
  engine: EngineName,
  settings: Readonly<Record<string, string>> = {},
  instance?: TestApp,
): Promise<EmailChanges> {
  const app = instance ?? (await startApp(t, engine, settings));
  const { token: root } = await app.createUser({ email: 'root@email.com', sysadmin: true, password });
  const { id } = await app.createUser({ email: 'a@email.com', password, values: { locale: 'de_AT' } });
  const token = await app.createToken(id, { machine: false });
  const change: EmailChanges['change'] = (attributes, as = token, headers = {}) =>
    app.request('PATCH', `/api/v2/users/${id}`, { token: as, body: document(attributes), headers });
  const mail: EmailChanges['mail'] = async (address, kind) => {
    const found = (await mailsTo(app, address)).findLast((one) => one.kind === kind);
    assert.ok(found, `no ${kind} to ${address}`);
    return found;
  };
  const byLink = (path: string, type: string, link: string, attributes: Record<string, unknown>) =>
    app.request('PATCH', `${path}/${link}`, { body: { data: { type, id: link, attributes } } });
  return {
    app,
    id,
    token,
    root,
    change,
    mail,
    async moveTo(email, as) {
      const answer = await change({ email }, as);
      assert.equal(answer.status, 200, answer.text);
      app.clock.now += 1000;
    },
    async email() {
      const answer = await app.request('GET', `/api/v2/users/${id}`, { token: root });
      return answer.status === 404 ? null : answer.body.data.attributes.email;
    },
    undoOf: async (address) => (await mail(address, 'email_changed')).token!,
    undo: (link, attributes = {}) => byLink(undos, 'email_undos', link, attributes),
    confirm: (link) => byLink(confirmations, 'email_confirmations', link, {}),
    signIn: (email, given) =>
      app.request('POST', '/api/v2/sessions', {
        body: { data: { type: 'sessions', attributes: { email, password: given } } },
      }),
    create: (email) =>
      app.request('POST', '/api/v2/users', {
        token: root,
        body: document({ email, first_name: 'Bea', last_name: 'Lee' }),
      }),
  };
}
