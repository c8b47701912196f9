// Who sees and writes invitations, as the contract says.

import type { Role } from '../../../../src/model/actor.ts';
import { administers, holds, type OrganizationName } from '../accounts.ts';
import {
  type Asker,
  type Expectation,
  type RouteExpectation,
  rights,
  type Subject,
  words,
} from '../expectation.ts';

export interface InvitationSubject extends Subject {
  readonly organization: OrganizationName;
  readonly role: Role;
  /** The name of the account that invites. */
  readonly inviter: string;
  /** The name of the person, who has left the organization. */
  readonly person: string;
}

const subjects: readonly InvitationSubject[] = [
  { name: 'tojoin', organization: 'acme', role: 'member', inviter: 'owner', person: 'leaverinacme' },
  { name: 'toadminister', organization: 'acme', role: 'admin', inviter: 'owner', person: 'coleaverinacme' },
  {
    ...{ name: 'tojoinelsewhere', organization: 'globex', role: 'member' },
    ...{ inviter: 'foreignowner', person: 'leaveringlobex' },
  },
];

/** A plain member sees no invitations, nor does a sysadmin without the power. */
const sees = ({ account, header }: Asker, { organization }: InvitationSubject) =>
  (header === null || header === organization) &&
  (holds(account, 'manage_organizations') || administers(account, organization));

export const invitations: Expectation<InvitationSubject> = {
  type: 'invitations',
  subjects,
  sees,
  is({ account }, invitation) {
    const manages = holds(account, 'manage_organizations');
    // Whoever may create one: the record in the path decides.
    if (invitation === null) return ['inviter'];
    const { organization, role } = invitation;
    return words({
      // An admin takes back what invites a `member`.
      administrator:
        manages ||
        account.roles[organization] === 'owner' ||
        (administers(account, organization) && role === 'member'),
    });
  },
  attributes: rights(`
    email             everyone  inviter  -
    role              everyone  inviter  -
    first_name        everyone  inviter  -
    last_name         everyone  inviter  -
    expires_at        everyone  inviter  -
    token_expires_at  everyone  -        -
    created_at        everyone  -        -
    updated_at        everyone  -        -
  `),
  hidden: ['organization_id', 'inviter_id', 'person_id'],
  notIncluded: [],
  relationships: {
    organization: {
      to: 'organizations',
      isAlwaysLinked: true,
      target: ({ organization }) => organization,
    },
    inviter: { to: 'users', isAlwaysLinked: false, target: ({ inviter }) => inviter },
    person: { to: 'people', isAlwaysLinked: false, target: ({ person }) => person },
  },
  filters: ['id', 'email', 'role', 'organization_id', 'inviter_id', 'person_id'],
  sorts: ['id', 'email', 'first_name', 'last_name', 'token_expires_at', 'created_at'],
  search: ['first_name', 'last_name', 'email'],
};

export const invitationRoutes: Readonly<Record<string, RouteExpectation>> = {
  listInvitationsOfOrganization: {
    of: 'invitations',
    does: 'list',
    under: {
      type: 'organizations',
      may: ['administrator', 'manager'],
      of: ({ organization }: InvitationSubject) => organization,
    },
  },
  createInvitation: {
    of: 'invitations',
    does: 'create',
    may: ['administrator', 'manager'],
    under: 'organizations',
  },
  resendInvitation: { of: 'invitations', does: 'send again', may: ['administrator'] },
  deleteInvitation: { of: 'invitations', does: 'delete', may: ['administrator'] },
};
