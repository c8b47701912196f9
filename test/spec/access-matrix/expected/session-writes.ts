// Requests that write sessions.

import { sessions as resource } from '../../../../src/resources/sessions/sessions.ts';
import { hashToken } from '../../../../src/security/tokens.ts';
import type { Writes } from '../writes.ts';
import type { SessionSubject } from './sessions.ts';
import { users } from './users.ts';

export const sessionWrites: Writes<SessionSubject> = {
  values: (matrix, session, label, asker) => ({
    created_at: '2001-01-01T00:00:00.000+00:00',
    name: label,
    note: label,
    user_id: matrix.idOf(users, { name: asker.account.name === 'nobody' ? 'leaver' : 'nobody' }),
    token: label,
    last_ip: '192.0.2.99',
    location: label,
    device: label,
    platform: label,
    browser: label,
    machine: session !== null && !session.machine,
    read_only: true,
    last_activity_at: '2001-01-01T00:00:00.000+00:00',
    token_expires_at: '2040-01-01T00:00:00.000+00:00',
    two_factor_auth: true,
    single_sign_on: true,
    agent_first_name: label,
    agent_last_name: label,
    agent_avatar: label,
    creator_id: '1',
    membership_id: '1',
  }),
  references: { user_id: 'users' },
  follows: {},
  generated: [],
  async copy({ app, idOf, headersOf }, asker, { account, machine }) {
    const token = await app.createToken(idOf(users, account), { machine });
    const { sessionId } = (await app.store.authenticate(hashToken(token), null))!;
    return { id: sessionId, headers: headersOf(asker) };
  },
  undoCreation: async ({ app }, _asker, id) =>
    app.store.write(async ({ records }) => void (await records(resource).delete(id))),
};
