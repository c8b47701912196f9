// PATCH /passwords/{token}: sets a new password, once for each link. Nobody is signed in by it, so a second factor is still
// needed afterwards.

import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { type Attributes, readDocument, unknownBeside } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import * as kind from '../../model/kinds.ts';
import { passwordViolation } from '../../security/password-policy.ts';
import { hashToken } from '../../security/tokens.ts';
import type { OpenWriteCall, Reply, Services } from '../operation.ts';
import { requireReportPrecondition } from '../operations/report.ts';
import { accountByLink } from '../users/account-by-link.ts';
import { hasEnded } from '../users/account-with-email.ts';
import { confirmationViolations } from '../users/password-input.ts';
import { resetThrottles, storePassword } from '../users/set-password.ts';
import { users } from '../users/users.ts';
import { accountOfReset, purpose, shownReset } from './live-reset.ts';
import { passwords } from './passwords.ts';

export async function resetPassword(services: Services, call: OpenWriteCall): Promise<Reply> {
  const { store, clock, passwordPolicy } = services;
  const token = call.tokens.token!;
  const tokenHash = hashToken(token);
  const account = await accountOfReset(store.read, tokenHash, clock());
  const selection = readRecordQuery(call.query, passwords, services.queries);
  const attributes = readDocument(call.body, { type: passwords.type, id: token });
  const { password, endsApiTokens, violations } = readReset(attributes, services);
  const rule = await passwordViolation(password, account, passwordPolicy, call.baseUrl());
  const broken = [...(rule === undefined ? [] : [violation('password', rule)]), ...violations];
  if (broken.length > 0) throw ApiError.of(broken);

  // Who has a link that works is as likely to be the owner as who signs in from a known address. Requests with the same
  // link come one after the other, so those after the first find it used before they hash.
  await services.passwords.run(
    'known_address',
    async (hashing) => {
      await accountOfReset(store.read, tokenHash, clock());
      const hash = await hashing.hash(password as string);
      await call.write(async (transaction) => {
        // The account first, as all other changes of a password, so that they do not deadlock.
        const user = await transaction.records(users).findForUpdate(account.id);
        const now = clock();
        if (user === null || hasEnded(user, now)) throw new ApiError('record_not_found');
        const claimed = await transaction.links.claim(tokenHash, purpose, now);
        if (claimed === null) throw new ApiError('record_not_found');
        const shown = await shownReset(transaction, token, user);
        requireReportPrecondition(services, call, passwords, selection, shown);
        const author = { actor: accountByLink(user), origin: call.origin };
        const given = { hash, verb: 'reset_password', by: 'reset', endsApiTokens } as const;
        await storePassword(services, transaction, author, user, given);
        await resetThrottles(transaction, user);
      });
    },
    `link ${tokenHash}`,
    call.gone(),
  );
  return { status: 204, body: null };
}

interface Reset {
  readonly password: unknown;
  readonly endsApiTokens: boolean;
  readonly violations: readonly ErrorObject[];
}

function readReset(attributes: Attributes, { zone }: Pick<Services, 'zone'>): Reset {
  const { password, password_confirmation: confirmation, end_api_tokens: end, ...others } = attributes;
  const ends = end === undefined || end === null ? { value: false } : kind.boolean.check(end, zone);
  return {
    password,
    endsApiTokens: 'value' in ends && ends.value,
    violations: [
      ...confirmationViolations(password, confirmation),
      ...('violations' in ends ? ends.violations.map((rule) => violation('end_api_tokens', rule)) : []),
      ...unknownBeside(passwords, others),
    ],
  };
}
