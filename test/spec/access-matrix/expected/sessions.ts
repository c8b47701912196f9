// Who sees, reads and writes sessions, as the contract says.

import { type Account, accounts, holds } from '../accounts.ts';
import {
  type Asker,
  type Expectation,
  type RouteExpectation,
  rights,
  type Subject,
  words,
} from '../expectation.ts';

export interface SessionSubject extends Subject {
  readonly account: Account;
  readonly machine: boolean;
}

/** The session of the token with which an account calls, by the name of the account, and two sign-ins of others. */
const subjects: readonly SessionSubject[] = [
  ...accounts
    .filter(({ isNoCaller }) => !isNoCaller)
    .map((account) => ({ name: account.name, account, machine: true })),
  ...accounts
    .filter(({ name }) => name === 'coowner' || name === 'deputy')
    .map((account) => ({ name: `${account.name}signin`, account, machine: false })),
];

const isOwn = ({ account }: Asker, session: SessionSubject) => session.account === account;

export const sessions: Expectation<SessionSubject> = {
  type: 'sessions',
  subjects,
  sees: (asker, session) => isOwn(asker, session) || holds(asker.account, 'manage_security'),
  is(asker, session) {
    if (session === null) return ['self'];
    // A sysadmin with the power ends the sessions of nobody who holds a power that they lack.
    const hasRank = (session.account.powers ?? []).every((power) => holds(asker.account, power));
    return words({
      self: isOwn(asker, session),
      superior: holds(asker.account, 'manage_security') && hasRank,
    });
  },
  attributes: rights(`
    name              everyone  self  self
    note              everyone  self  self
    user_id           everyone  -     -
    token             everyone  -     -
    last_ip           everyone  -     -
    location          everyone  -     -
    device            everyone  -     -
    platform          everyone  -     -
    browser           everyone  -     -
    machine           everyone  -     -
    read_only         everyone  self  -
    last_activity_at  everyone  -     -
    token_expires_at  everyone  self  -
    two_factor_auth   everyone  -     -
    single_sign_on    everyone  -     -
    agent_first_name  everyone  -     -
    agent_last_name   everyone  -     -
    agent_avatar      everyone  -     -
  `),
  hidden: ['created_at', 'creator_id', 'membership_id'],
  notIncluded: [],
  alwaysNull: ['token', 'location', 'agent_first_name', 'agent_last_name', 'agent_avatar'],
  relationships: {
    user: { to: 'users', isAlwaysLinked: false, target: ({ account }) => account.name },
  },
  filters: ['id', 'machine', 'read_only', 'user_id', 'creator_id'],
  sorts: ['id', 'last_activity_at'],
  search: [],
};

export const sessionRoutes: Readonly<Record<string, RouteExpectation>> = {
  listSessions: { of: 'sessions', does: 'list', contains: isOwn },
  showSession: { of: 'sessions', does: 'show' },
  showCurrentSession: { of: 'sessions', does: 'show caller' },
  createMachineSession: { of: 'sessions', does: 'create', may: ['self'] },
  updateSession: { of: 'sessions', does: 'update', may: ['self'] },
  deleteSession: { of: 'sessions', does: 'delete', may: ['self', 'superior'] },
  deleteCurrentSession: { of: 'sessions', does: 'delete own', stays: 'others' },
  endOtherSignIns: { of: 'sessions', does: 'delete own', stays: 'caller' },
  signIn: { of: 'sessions', does: 'sign in' },
};
