// Who sees and reads sessions, as the contract says.

import { type Account, holds } from '../accounts.ts';
import { type Expectation, type RouteExpectation, rights, type Subject, words } from '../expectation.ts';

export interface SessionSubject extends Subject {
  readonly account: Account;
}

export const sessions: Expectation<SessionSubject> = {
  type: 'sessions',
  subjects: [],
  sees: ({ account }, session) => session.account === account || holds(account, 'manage_security'),
  is: ({ account }, session) =>
    words({ self: session?.account === account, security: holds(account, 'manage_security') }),
  attributes: rights(`
    name              everyone  -  self
    note              everyone  -  self
    user_id           everyone  -  -
    token             everyone  -  -
    last_ip           everyone  -  -
    location          everyone  -  -
    device            everyone  -  -
    platform          everyone  -  -
    browser           everyone  -  -
    machine           everyone  -  -
    read_only         everyone  -  -
    last_activity_at  everyone  -  -
    token_expires_at  everyone  -  -
    two_factor_auth   everyone  -  -
    single_sign_on    everyone  -  -
    agent_first_name  everyone  -  -
    agent_last_name   everyone  -  -
    agent_avatar      everyone  -  -
  `),
  hidden: ['created_at', 'creator_id', 'membership_id'],
  notIncluded: [],
  relationships: {
    user: { to: 'users', isAlwaysLinked: false, target: ({ account }) => account.name },
  },
  filters: ['id', 'machine', 'read_only', 'user_id', 'creator_id'],
  sorts: ['id', 'last_activity_at'],
  search: [],
};

export const signInRoutes: Readonly<Record<string, RouteExpectation>> = {
  signIn: { of: 'sessions', does: 'sign in' },
};
