// Why somebody cannot sign in, or finds nothing after signing in, and what ends it. The API and the command line
// both answer from here.

import type { Resource } from '../../model/resource.ts';
import type { MemberRow } from '../../store/accounts.ts';
import type { Reads } from '../../store/store.ts';
import { memberships as membershipResource } from '../memberships/memberships.ts';
import { collectionPath } from '../operation.ts';
import { passwords as passwordLinks } from '../passwords/passwords.ts';
import { type Budget, signInWaits } from '../sign-in/sign-in-throttle.ts';
import type { ReasonCode } from './access-report.ts';
import { type User, users } from './users.ts';

export interface Reason {
  readonly code: ReasonCode;
  /** Whether sign-ins are refused because of it. */
  readonly blocks: boolean;
  readonly detail: string;
  /** Milliseconds since 1970; null if it is not known. */
  readonly since: number | null;
  /** When it ends by itself, in milliseconds since 1970; null if it does not. */
  readonly until: number | null;
  readonly wayOut: WayOut;
}

/** What ends a reason. A value in angle brackets, such as `<organization>`, is for the caller to choose. */
export interface WayOut {
  /** Null if only the command line can. */
  readonly request: {
    readonly method: string;
    readonly path: string;
    /** The document to send; null for none. */
    readonly body: object | null;
  } | null;
  /** The arguments of a command. Ids and no addresses, so that a shell reads them as they are. */
  readonly command: string;
}

/** The reasons in the order in which a sign-in meets them. @param now milliseconds since 1970 */
export async function accessReasons(reads: Reads, user: User, now: number): Promise<readonly Reason[]> {
  const found = [
    noPassword(reads, user),
    expired(user, now),
    throttled(reads, user, now),
    noMembership(reads, user, now),
  ];
  return (await Promise.all(found)).flat();
}

/** Whether no reason blocks it. */
export function canSignIn(reasons: readonly Reason[]): boolean {
  return reasons.every(({ blocks }) => !blocks);
}

async function noPassword({ passwords }: Reads, { id, email }: User): Promise<Reason | []> {
  if ((await passwords.changedAt(id)) !== null) return [];
  return {
    code: 'no_password',
    blocks: true,
    detail: 'The account has no password.',
    since: null,
    until: null,
    // Each gives the user a link with which they set one.
    wayOut: {
      request: {
        method: 'POST',
        path: collectionPath(passwordLinks),
        body: { data: { type: passwordLinks.type, attributes: { email } } },
      },
      command: `muster users send-reset ${id}`,
    },
  };
}

function expired({ id, account_access_expires_at: end }: User, now: number): Reason | [] {
  if (end === null || end > now) return [];
  return {
    code: 'expired',
    blocks: true,
    detail: 'The access of the account has ended: no password and no token of it works.',
    since: end,
    until: null,
    wayOut: {
      request: patch(users, id, { account_access_expires_at: null }),
      command: `muster users update ${id} account_access_expires_at=`,
    },
  };
}

/** Of each budget that is used up. */
async function throttled(reads: Reads, { id, email }: User, now: number): Promise<Reason[]> {
  const waits = await signInWaits(reads, email, now);
  const blocked = Object.entries(throttledDetails).filter(([budget]) => waits[budget as Budget] > 0);
  return blocked.map(([budget, detail]) => ({
    code: 'throttled',
    blocks: true,
    detail,
    since: null,
    until: now + waits[budget as Budget],
    wayOut: {
      request: { method: 'PATCH', path: `${collectionPath(users)}/${id}/unlock`, body: null },
      command: `muster users unlock ${id}`,
    },
  }));
}

const throttledDetails: Readonly<Record<Budget, string>> = {
  stranger:
    'Too many sign-ins with the email have failed. It is refused from everywhere but the addresses from which the user has signed in lately.',
  known_address:
    'Too many sign-ins have failed from addresses from which the user has signed in lately. It is refused from these addresses.',
};

async function noMembership({ memberships }: Reads, { id }: User, now: number): Promise<Reason | []> {
  if ((await memberships.ofUser(id, now)).length > 0) return [];
  const ended = await memberships.list({ organizationId: null, userId: id }, maxMemberships);
  const last = ended.toSorted((a, b) => b.expires_at! - a.expires_at!)[0];
  return {
    code: 'no_membership',
    blocks: false,
    detail:
      last === undefined
        ? 'The account is in no organization, so it sees nothing but itself.'
        : `The last membership of the account has ended, in organization ${last.organization_id}, so it sees nothing but itself.`,
    since: last?.expires_at ?? null,
    until: null,
    wayOut: last === undefined ? addedTo(id) : extended(last),
  };
}

/** Far more than anybody has. */
const maxMemberships = 1000;

function addedTo(userId: number): WayOut {
  const organization = '<organization>';
  const attributes = { organization_id: organization, user_id: String(userId), role: 'member' };
  const { type } = membershipResource;
  return {
    request: {
      method: 'POST',
      path: collectionPath(membershipResource),
      body: { data: { type, attributes } },
    },
    command: `muster members add ${organization} ${userId}`,
  };
}

function extended({ id, organization_id, user_id }: MemberRow): WayOut {
  return {
    request: patch(membershipResource, id, { expires_at: null }),
    command: `muster members update ${organization_id} ${user_id} expires_at=`,
  };
}

function patch(resource: Resource, id: number, attributes: object): WayOut['request'] {
  const body = { data: { type: resource.type, id: String(id), attributes } };
  return { method: 'PATCH', path: `${collectionPath(resource)}/${id}`, body };
}
