// Every route of the catalog that writes records its act, once, in its transaction; and the table of events contains no
// secret.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openStore } from '../../../src/open-store.ts';
import { catalog } from '../../../src/resources/catalog.ts';
import { organizations } from '../../../src/resources/organizations/organizations.ts';
import { users } from '../../../src/resources/users/users.ts';
import { rowsOf } from '../../support/database-rows.ts';
import { clearedConfig, type EngineName, onEachEngine } from '../../support/engines.ts';
import { insertInvitation } from '../../support/invitations.ts';
import { mailsTo } from '../../support/mails.ts';
import { recordedSince } from '../../support/recording-store.ts';
import { type Answer, serveStore } from '../../support/start-app.ts';

const passwords = ['correct horse battery', 'another one of hers', 'that of somebody new'] as const;
const typed = 'typed-by-mistake';

interface Act {
  readonly path: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly token?: string | undefined;
  /** The actions that it records, sorted. */
  readonly records: readonly string[];
  /** Accounts that the events concern. */
  readonly subjects?: readonly (number | null)[];
}

async function startWorld(t: TestContext, engine: EngineName) {
  const config = await clearedConfig(t, engine);
  const store = await openStore(config);
  t.after(() => store.close());
  const app = await serveStore(t, store, { confirmEmail: 'true' });
  const acme = await app.createOrganization('Acme');
  const ann = await app.createUser({ email: 'ann@email.com', password: passwords[0], sysadmin: true });
  const bob = await app.createUser({ email: 'bob@email.com', password: passwords[0], organizationId: acme });
  const [signedIn, leaving] = [
    await app.createToken(ann.id, { machine: false }),
    await app.createToken(ann.id, { machine: false }),
  ];
  /** Who will be created. */
  const cay = bob.id + 1;
  const secrets = new Set<string>([...passwords, typed, ann.token, bob.token, signedIn, leaving, '$argon2']);
  const memberships = '/api/v2/organization_memberships';
  const joined = async (userId: number) => (await store.read.memberships.idOf(acme, userId))!;
  const ofBob = `${memberships}/${await joined(bob.id)}`;
  const [ownSession] = (await store.read.sessions.list(bob.id)).map(({ id }) => id);

  const joinLink = async () => (await store.read.records(organizations).find(acme))!.invitation_token;

  /** By the name of the route, in the order in which they happen. */
  const acts: Readonly<Record<string, () => Promise<Act>>> = {
    signIn: async () => ({
      path: '/api/v2/sessions',
      attributes: { email: 'bob@email.com', password: passwords[0] },
      token: undefined,
      records: ['session.create'],
      subjects: [bob.id],
    }),
    requestPasswordReset: async () => ({
      path: '/api/v2/passwords',
      attributes: { email: 'bob@email.com' },
      token: undefined,
      records: ['user.request_password_reset'],
      subjects: [bob.id],
    }),
    resetPassword: async () => {
      const { token } = (await mailsTo(app, 'bob@email.com')).at(-1)!;
      secrets.add(token!);
      return {
        path: `/api/v2/passwords/${token}`,
        attributes: { password: passwords[1], password_confirmation: passwords[1] },
        token: undefined,
        records: ['user.reset_password'],
        subjects: [bob.id],
      };
    },
    confirmEmail: async () => {
      const body = { data: { type: 'users', attributes: { email: 'bea@email.com' } } };
      await app.request('PATCH', `/api/v2/users/${bob.id}`, { token: bob.token, body });
      const { token } = (await mailsTo(app, 'bea@email.com')).at(-1)!;
      secrets.add(token!);
      return {
        path: `/api/v2/email_confirmations/${token}`,
        token: undefined,
        records: ['user.update'],
        subjects: [bob.id],
      };
    },
    undoEmail: async () => {
      const { token } = (await mailsTo(app, 'bob@email.com')).at(-1)!;
      secrets.add(token!);
      return {
        path: `/api/v2/email_undos/${token}`,
        attributes: {},
        token: undefined,
        records: ['user.undo_email'],
        subjects: [bob.id],
      };
    },
    createMachineSession: async () => ({
      path: '/api/v2/sessions/machine',
      attributes: { name: 'CI', password: passwords[0] },
      records: ['session.create'],
      subjects: [ann.id],
    }),
    updateSession: async () => ({
      path: `/api/v2/sessions/${ownSession}`,
      token: bob.token,
      attributes: { name: 'Laptop' },
      records: ['session.update'],
      subjects: [bob.id],
    }),
    deleteCurrentSession: async () => ({
      path: '/api/v2/sessions/current',
      token: leaving,
      records: ['session.delete'],
      subjects: [ann.id],
    }),
    endOtherSignIns: async () => {
      await app.createToken(ann.id, { machine: false });
      return {
        path: '/api/v2/sessions',
        token: signedIn,
        records: ['session.end_others'],
        subjects: [ann.id],
      };
    },
    deleteSession: async () => ({
      path: `/api/v2/sessions/${(await store.read.sessions.list(bob.id)).at(-1)!.id}`,
      records: ['session.delete'],
      subjects: [bob.id],
    }),
    createUser: async () => ({
      path: '/api/v2/users',
      attributes: {
        ...{ email: 'cay@email.com', first_name: 'Cay', last_name: 'Other', password: passwords[2] },
        ...{ default_organization_id: acme, preferences: { theme: 'secret theme' } },
      },
      records: ['organization_membership.create', 'user.create'],
      subjects: [cay, cay],
    }),
    updateUser: async () => ({
      path: `/api/v2/users/${ann.id}`,
      attributes: { last_name: 'Changed', ical_token: 'new', preferences: { theme: 'secret theme' } },
      records: ['user.update'],
      subjects: [ann.id],
    }),
    unlockUser: async () => ({
      path: `/api/v2/users/${bob.id}/unlock`,
      records: ['user.unlock'],
      subjects: [bob.id],
    }),
    updatePassword: async () => ({
      path: `/api/v2/users/${ann.id}/update_password`,
      attributes: { current_password: passwords[0], password: passwords[1] },
      records: ['user.update_password'],
      subjects: [ann.id],
    }),
    createOrganization: async () => ({
      path: '/api/v2/organizations',
      attributes: { name: 'New' },
      records: ['organization.create', 'organization_membership.create', 'user.update'],
      subjects: [null, ann.id, ann.id],
    }),
    updateOrganization: async () => ({
      path: `/api/v2/organizations/${acme}`,
      attributes: { name: 'Acme & Sons', invitation_token: 'new' },
      records: ['organization.update'],
      subjects: [null],
    }),
    createOrganizationMembership: async () => ({
      path: memberships,
      attributes: { organization_id: acme, user_id: ann.id },
      records: ['organization_membership.create'],
      subjects: [ann.id],
    }),
    updateOrganizationMembership: async () => ({
      path: ofBob,
      attributes: { role: 'admin' },
      records: ['organization_membership.update'],
      subjects: [bob.id],
    }),
    deleteOrganizationMembership: async () => ({
      path: ofBob,
      records: ['organization_membership.delete', 'user.update'],
      subjects: [bob.id, bob.id],
    }),
    createInvitation: async () => ({
      path: `/api/v2/organizations/${acme}/invitations`,
      attributes: { email: 'invited@email.com', first_name: 'Ida' },
      records: ['invitation.create'],
      subjects: [null],
    }),
    resendInvitation: async () => ({
      path: `/api/v2/invitations/${(await insertInvitation(app, acme, 'again@email.com')).id}/resend`,
      records: ['invitation.resend'],
      subjects: [null],
    }),
    deleteInvitation: async () => ({
      path: `/api/v2/invitations/${(await insertInvitation(app, acme, 'guest@email.com')).id}`,
      records: ['invitation.delete'],
      subjects: [null],
    }),
    requestInvitation: async () => ({
      path: '/api/v2/invitations',
      attributes: { token: await joinLink(), email: 'joined@email.com' },
      token: undefined,
      records: ['invitation.request'],
      subjects: [null],
    }),
    acceptInvitation: async () => {
      const { token } = (await mailsTo(app, 'joined@email.com')).at(-1)!;
      secrets.add(token!);
      return {
        path: `/api/v2/invitations/${token}`,
        attributes: { first_name: 'Dee', last_name: 'New', password: passwords[2] },
        token: undefined,
        records: ['invitation.accept', 'organization_membership.create', 'user.create', 'user.update'],
        subjects: Array(4).fill(cay + 1),
      };
    },
    deleteUser: async () => ({
      path: `/api/v2/users/${cay}`,
      records: ['organization_membership.delete', 'user.delete'],
      subjects: [cay, cay],
    }),
    deleteOrganization: async () => ({
      path: `/api/v2/organizations/${acme}`,
      records: [
        ...['invitation.delete', 'invitation.delete'],
        ...['organization.delete', ...Array(2).fill('organization_membership.delete'), 'user.update'],
      ],
      subjects: [null, null, null, ann.id, cay + 1, cay + 1],
    }),
  };
  return { config, store, app, ann, bob, acts, secrets };
}

onEachEngine((engine) => {
  test('each write of the API records its act, and no secret', async (t) => {
    const { config, store, app, ann, bob, acts, secrets } = await startWorld(t, engine);
    const writing = catalog.filter(({ method }) => method !== 'GET');
    assert.deepEqual(
      Object.keys(acts).sort(),
      writing.map(({ name }) => name).sort(),
      'a route that writes has no act here',
    );
    const keepSecrets = ({ body }: Answer) => {
      for (const name of ['token', 'ical_token', 'invitation_token']) {
        const value = body?.data?.attributes?.[name];
        if (typeof value === 'string') secrets.add(value);
      }
    };
    const events = await recordedSince(store);
    for (const [name, make] of Object.entries(acts)) {
      const act = await make();
      const { method, body, resource } = writing.find((route) => route.name === name)!;
      await events();
      const id = method === 'PATCH' ? { id: act.path.split('/')[4]! } : {};
      const answer = await app.request(method, act.path, {
        token: 'token' in act ? act.token : ann.token,
        headers: { 'User-Agent': 'curl/8', 'X-Request-Id': name },
        ...(body === 'document' && {
          body: { data: { type: resource.type, ...id, attributes: act.attributes } },
        }),
      });
      assert.ok(answer.status < 300, `${name}: ${answer.status} ${answer.text}`);
      keepSecrets(answer);
      const recorded = (await events()).sort((a, b) => (a.action < b.action ? -1 : 1));
      assert.deepEqual(
        recorded.map(({ action }) => action),
        act.records,
        name,
      );
      assert.deepEqual(
        recorded.map(({ subjectId }) => subjectId),
        act.subjects,
        name,
      );
      for (const { outcome, origin } of recorded)
        assert.deepEqual(
          [outcome, origin],
          ['success', { address: '127.0.0.1', userAgent: 'curl/8', requestId: name }],
        );
    }

    await app.request('POST', '/api/v2/sessions', {
      body: {
        data: { type: 'sessions', attributes: { email: `${typed}@email.com`, password: passwords[1] } },
      },
    });
    const [failed, ...more] = await events();
    assert.deepEqual([failed!.action, failed!.outcome, more], ['session.create', 'failure', []]);
    const text = JSON.stringify(await rowsOf(config, 'events'));
    for (const secret of [...secrets, 'secret theme']) assert.ok(!text.includes(secret), secret);
    assert.ok(secrets.size > 10);
    for (const told of ['cay@email.com', 'Changed', 'Acme & Sons']) assert.ok(text.includes(told), told);
    // The row is there, and its secrets are only in it.
    assert.ok((await store.read.records(users).find(ann.id))!.ical_token);
    assert.equal(await store.read.records(users).find(bob.id + 1), null);
  });
});
