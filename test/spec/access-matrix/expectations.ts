// All that the matrix expects. A resource, attribute, filter, sort or route that is not here fails the tests by its name.

import type { Expectation, RouteExpectation } from './expectation.ts';
import { emailChangeRoutes } from './expected/email-changes.ts';
import { eventRoutes, events } from './expected/events.ts';
import { invitationLinkRoutes } from './expected/invitation-links.ts';
import { invitationWrites } from './expected/invitation-writes.ts';
import { invitationRoutes, invitations } from './expected/invitations.ts';
import { mailRoutes } from './expected/mails.ts';
import { membershipWrites } from './expected/membership-writes.ts';
import { membershipRoutes, memberships } from './expected/memberships.ts';
import { organizationWrites } from './expected/organization-writes.ts';
import { organizationRoutes, organizations } from './expected/organizations.ts';
import { passwordRoutes } from './expected/passwords.ts';
import { people, personRoutes } from './expected/people.ts';
import { sessionWrites } from './expected/session-writes.ts';
import { sessionRoutes, sessions } from './expected/sessions.ts';
import { userWrites } from './expected/user-writes.ts';
import { userRoutes, users } from './expected/users.ts';
import type { Writes } from './writes.ts';

export const expectations: ReadonlyMap<string, Expectation> = new Map(
  [users, organizations, memberships, people, invitations, sessions, events].map((one) => [
    one.type,
    one as Expectation,
  ]),
);

export const routeExpectations: Readonly<Record<string, RouteExpectation>> = {
  ...userRoutes,
  ...organizationRoutes,
  ...membershipRoutes,
  ...personRoutes,
  ...invitationRoutes,
  ...invitationLinkRoutes,
  ...sessionRoutes,
  ...passwordRoutes,
  ...emailChangeRoutes,
  ...eventRoutes,
  ...mailRoutes,
};

const writes: Readonly<Record<string, Writes>> = {
  users: userWrites,
  organizations: organizationWrites,
  organization_memberships: membershipWrites,
  invitations: invitationWrites,
  sessions: sessionWrites,
};

export function writesOf(type: string): Writes {
  const known = writes[type];
  if (known === undefined) throw new Error(`nothing is declared about writes of ${type}`);
  return known;
}
