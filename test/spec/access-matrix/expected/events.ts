// Who sees and reads events, as the contract says. Nobody writes them over HTTP.

import { type Account, administers, holds, type OrganizationName } from '../accounts.ts';
import { type Expectation, type RouteExpectation, rights, type Subject, words } from '../expectation.ts';

export interface EventSubject extends Subject {
  /** Null for the command line. */
  readonly actor: string | null;
  readonly subject: string | null;
  readonly organization: OrganizationName | null;
}

const event = (
  name: string,
  actor: string | null,
  subject: string | null,
  organization: OrganizationName | null = null,
): EventSubject => ({ name, actor, subject, organization });

const involved = ['owner', 'member', 'consultant', 'foreignmember', 'nobody', 'formersysadmin', 'sysadmin'];

const subjects: readonly EventSubject[] = [
  ...involved.flatMap((name) => [
    event(`by${name}`, name, 'fellow'),
    event(`on${name}`, 'root', name),
    event(`ofitself${name}`, name, name),
  ]),
  event('byoperator', null, 'fellow'),
  event('ofnobody', null, null),
  event('acme', 'root', null, 'acme'),
  event('initech', 'root', null, 'initech'),
  event('memberofacme', 'owner', 'member', 'acme'),
  event('acmebymember', 'member', 'fellow', 'acme'),
  event('memberofglobex', 'foreignowner', 'foreignmember', 'globex'),
  event('endedofacme', null, 'ended', 'acme'),
  event('globexbyconsultant', 'consultant', 'endedadmin', 'globex'),
  event('consultantofglobex', 'foreignowner', 'consultant', 'globex'),
];

const isSecurity = (account: Account) => holds(account, 'manage_security');

export const events: Expectation<EventSubject> = {
  type: 'events',
  subjects,
  sees({ account, header }, { actor, subject, organization }) {
    if (header !== null && header !== organization) return false;
    if (isSecurity(account) || actor === account.name || subject === account.name) return true;
    return organization !== null && administers(account, organization);
  },
  is: ({ account }, one) => words({ author: one?.actor === account.name, security: isSecurity(account) }),
  attributes: rights(`
    created_at  everyone         -  -
    action      everyone         -  -
    outcome     everyone         -  -
    actor_kind  everyone         -  -
    ip          author security  -  -
    user_agent  author security  -  -
    request_id  everyone         -  -
    changes     everyone         -  -
    details     everyone         -  -
  `),
  hidden: ['actor_id', 'subject_id', 'organization_id'],
  notIncluded: [],
  relationships: {
    actor: { to: 'users', isAlwaysLinked: true, target: ({ actor }) => actor },
    subject: { to: 'users', isAlwaysLinked: true, target: ({ subject }) => subject },
    organization: {
      to: 'organizations',
      isAlwaysLinked: true,
      target: ({ organization }) => organization,
    },
  },
  filters: ['id', 'action', 'outcome', 'actor_id', 'subject_id', 'organization_id', 'created_at', 'ip'],
  sorts: ['id'],
  search: [],
};

export const eventRoutes: Readonly<Record<string, RouteExpectation>> = {
  listEvents: { of: 'events', does: 'list' },
  showEvent: { of: 'events', does: 'show' },
};
