// Creates the records of the matrix. Every text names its record and attribute, see `marker`.

import { powers as everyPower } from '../../../src/model/actor.ts';
import { events as eventResource } from '../../../src/resources/events/events.ts';
import { invitations as invitationResource } from '../../../src/resources/invitations/invitations.ts';
import { memberships as membershipResource } from '../../../src/resources/memberships/memberships.ts';
import { insertOrganization } from '../../../src/resources/organizations/insert-organization.ts';
import { people as personResource } from '../../../src/resources/people/people.ts';
import { sessions as sessionResource } from '../../../src/resources/sessions/sessions.ts';
import { hashToken } from '../../../src/security/tokens.ts';
import { removeMember, setMember } from '../../support/members.ts';
import type { TestApp } from '../../support/start-app.ts';
import { accounts, organizationNames } from './accounts.ts';
import { events } from './expected/events.ts';
import { invitations } from './expected/invitations.ts';
import { memberships } from './expected/memberships.ts';
import { people } from './expected/people.ts';
import { sessions } from './expected/sessions.ts';
import { marker } from './markers.ts';

type Names = Record<string, number>;

export interface Subjects {
  /** Ids by type and name. */
  readonly ids: Readonly<Record<string, Names>> & Readonly<Record<'organizations' | 'users', Names>>;
  /** A token of each account. */
  readonly tokens: Readonly<Record<string, string>>;
}

export async function createSubjects(app: TestApp): Promise<Subjects> {
  const ids = {
    organizations: {} as Names,
    users: {} as Names,
    organization_memberships: {} as Names,
    people: {} as Names,
    invitations: {} as Names,
    events: {} as Names,
    sessions: {} as Names,
  };
  const tokens: Record<string, string> = {};
  const inAMinute = app.clock.now + 60_000;
  for (const name of organizationNames) {
    const mark = (attribute: string) => marker('organizations', name, attribute);
    const values = {
      name: mark('name'),
      subdomain: mark('subdomain'),
      invitation_token: mark('invitation_token'),
      flags: JSON.stringify({ [mark('flags')]: true }),
      time_zone: 'Europe/Zagreb',
      avatar_url: `https://example.com/${mark('avatar_url')}`,
    };
    app.clock.now += 1000;
    ids.organizations[name] = await app.store.write((transaction) =>
      insertOrganization(transaction, values, app.clock.now),
    );
  }
  for (const account of accounts) {
    const { name, powers, hasExpired, wasSysadmin } = account;
    const roles = { ...account.ended, ...account.roles };
    const mark = (attribute: string) => marker('users', name, attribute);
    const [first, ...others] = organizationNames.filter((organization) => roles[organization] !== undefined);
    app.clock.now += 1000;
    const { id, token } = await app.createUser({
      email: `${mark('email')}@example.com`,
      ...(powers !== null && { sysadmin: powers }),
      ...(first !== undefined && { organizationId: ids.organizations[first]!, role: roles[first]! }),
      values: {
        first_name: mark('first_name'),
        last_name: mark('last_name'),
        time_zone: 'Europe/Zagreb',
        avatar_url: `https://example.com/${mark('avatar_url')}`,
        flags: JSON.stringify({ [mark('flags')]: true }),
        newsletter_consent: true,
        newsletter_consent_at: app.clock.now,
        ical_token: mark('ical_token'),
        preferences: JSON.stringify({ theme: mark('preferences') }),
        ...(wasSysadmin && { sysadmin_permissions: JSON.stringify(everyPower) }),
        ...(hasExpired && { account_access_expires_at: inAMinute }),
      },
    });
    for (const organization of others)
      await app.store.write((transaction) =>
        setMember(transaction, ids.organizations[organization]!, id, roles[organization]!, app.clock.now),
      );
    ids.users[name] = id;
    tokens[name] = token;
  }
  app.clock.now += 60_000;
  await createPeople(app, ids);
  await createInvitations(app, ids);
  await createEvents(app, ids);
  await createSessions(app, ids, tokens);
  return { ids, tokens };
}

/** Memberships that end, people who have left, and the attributes of people that nobody writes. */
async function createPeople(
  app: TestApp,
  ids: Record<'organizations' | 'users' | 'organization_memberships' | 'people', Names>,
): Promise<void> {
  const pairOf = ({ account, organization }: { account: { name: string }; organization: string }) =>
    [ids.organizations[organization]!, ids.users[account.name]!] as const;
  await app.store.write(async (transaction) => {
    for (const person of people.subjects) {
      const pair = pairOf(person);
      const hasLeft = person.account.left.includes(person.organization);
      if (hasLeft) await setMember(transaction, ...pair, 'member', app.clock.now);
      const id = (await transaction.memberships.idOf(...pair))!;
      const { person_id } = (await transaction.records(membershipResource).find(id))!;
      ids.people[person.name] = person_id;
      await transaction.records(personResource).update(person_id, {
        last_seen_at: app.clock.now,
        last_activity_at: app.clock.now + person_id,
        invited_at: app.clock.now,
        external_id: marker('people', person.name, 'external_id'),
      });
      if (hasLeft) await removeMember(transaction, ...pair, app.clock.now);
    }
    for (const membership of memberships.subjects) {
      const id = (await transaction.memberships.idOf(...pairOf(membership)))!;
      ids.organization_memberships[membership.name] = id;
      if (membership.hasEnded)
        await transaction.records(membershipResource).update(id, { expires_at: app.clock.now });
    }
  });
}

/** Of people who have left, to come back. */
async function createInvitations(
  app: TestApp,
  ids: Record<'organizations' | 'users' | 'people' | 'invitations', Names>,
): Promise<void> {
  await app.store.write(async (transaction) => {
    for (const { name, organization, role, inviter, person } of invitations.subjects) {
      const mark = (attribute: string) => marker('invitations', name, attribute);
      ids.invitations[name] = await transaction.records(invitationResource).insert({
        organization_id: ids.organizations[organization]!,
        person_id: ids.people[person]!,
        inviter_id: ids.users[inviter]!,
        email: `${mark('email')}@example.com`,
        role,
        first_name: mark('first_name'),
        last_name: mark('last_name'),
        token_expires_at: app.clock.now + 1000,
        created_at: app.clock.now,
        updated_at: app.clock.now,
      });
    }
  });
}

/** Only these: what was recorded until now has no markers. */
async function createEvents(
  app: TestApp,
  ids: Record<'organizations' | 'users' | 'events', Names>,
): Promise<void> {
  const idOf = (names: Names, name: string | null) => (name === null ? null : names[name]!);
  await app.store.write(async (transaction) => {
    const records = transaction.records(eventResource);
    for (const { name, actor, subject, organization } of events.subjects) {
      const mark = (attribute: string) => marker('events', name, attribute);
      ids.events[name] = await records.insert({
        created_at: app.clock.now,
        action: mark('action'),
        outcome: subject === null ? 'failure' : 'success',
        actor_kind: actor === null ? 'operator' : 'user',
        ip: mark('ip'),
        user_agent: mark('user_agent'),
        request_id: mark('request_id'),
        changes: JSON.stringify([{ attribute: 'name', from: null, to: mark('changes') }]),
        details: JSON.stringify({ note: mark('details') }),
        actor_id: idOf(ids.users, actor),
        subject_id: idOf(ids.users, subject),
        organization_id: idOf(ids.organizations, organization),
      });
    }
    for (let id = Math.min(...Object.values(ids.events)) - 1; await records.delete(id); id--);
  });
}

/** Sign-ins, and the attributes of sessions that not everyone writes. */
async function createSessions(
  app: TestApp,
  ids: Record<'users' | 'sessions', Names>,
  tokens: Readonly<Record<string, string>>,
): Promise<void> {
  for (const { name, account, machine } of sessions.subjects) {
    const token = machine ? tokens[name]! : await app.createToken(ids.users[account.name]!, { machine });
    const { sessionId } = (await app.store.authenticate(hashToken(token), null))!;
    ids.sessions[name] = sessionId;
    const mark = (attribute: string) => marker('sessions', name, attribute);
    const texts = ['name', 'note', 'last_ip', 'device', 'platform', 'browser'].map((one) => [one, mark(one)]);
    await app.store.write(
      async ({ records }) =>
        void (await records(sessionResource).update(sessionId, {
          ...Object.fromEntries(texts),
          last_activity_at: app.clock.now - sessionId,
          creator_id: ids.users[account.name]!,
        })),
    );
  }
}
