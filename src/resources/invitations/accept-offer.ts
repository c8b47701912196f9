// PATCH /invitations/{token}: accepts an invitation, once for each link. Somebody new gets an account with a password. If the
// address has an account, its token is needed: who reads the mail of an address need not be who signs in with it, and nobody
// joins an organization as somebody else.

import { ApiError, type ErrorObject } from '../../errors.ts';
import { type Attributes, readDocument, unknownBeside } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import { system } from '../../model/actor.ts';
import { everyAudience } from '../../model/audience.ts';
import { mailboxKey } from '../../model/mailbox.ts';
import { hashToken } from '../../security/tokens.ts';
import type { Locks, Transaction } from '../../store/store.ts';
import type { OpenWriteCall, OptionalWriteCall, Reply, Services, WriteCall } from '../operation.ts';
import { prepareCreation } from '../operations/create.ts';
import { asTakenIdentity } from '../operations/identities.ts';
import { recordChange, showToAccount } from '../operations/record-change.ts';
import { requireReportPrecondition } from '../operations/report.ts';
import { requireUnbound } from '../require-rights.ts';
import { accountByLink } from '../users/account-by-link.ts';
import { insertUser } from '../users/create-user.ts';
import { decideUser } from '../users/user-changes.ts';
import { userRules } from '../users/user-rules.ts';
import { type User, users } from '../users/users.ts';
import { invitationLinks } from './invitation-links.ts';
import { accountOf } from './invited-person.ts';
import { joinByOffer } from './join-by-offer.ts';
import { liveOffer, type Offer, offerOf, placeOf, purpose } from './offer.ts';
import { shownOffer } from './show-offer.ts';

export async function acceptOffer(services: Services, call: OptionalWriteCall): Promise<Reply> {
  const { store, clock } = services;
  const token = call.tokens.id!;
  const tokenHash = hashToken(token);
  const offer = await liveOffer(store.read, tokenHash, clock());
  const selection = readRecordQuery(call.query, invitationLinks, services.queries);
  const attributes = readDocument(call.body, { type: invitationLinks.type, id: token });
  const use: Acceptance['use'] = async (transaction) => {
    const claimed = await claim(transaction, tokenHash, clock());
    const { values, meta } = await shownOffer(transaction, token, claimed);
    requireReportPrecondition(services, call, invitationLinks, selection, values, meta);
    return claimed;
  };
  if (call.actor !== null) await acceptAsAccount(services, call, { offer, use });
  else
    await acceptAsNew(services, call, { tokenHash, offer, attributes, use }).catch(async (error) => {
      // The account may be that of another request with this link.
      if (error instanceof ApiError) await liveOffer(store.read, tokenHash, clock());
      throw error;
    });
  return { status: 204, body: null };
}

function needsToken(): ApiError {
  return new ApiError('invalid_auth_token', {
    detail: 'The address of the invitation has an account: sign in with it, and send its token',
  });
}

const locksOf = ({ organization: { id } }: Offer, userIds: readonly number[]): Locks => ({
  organization: { id, isShared: false },
  userIds,
});

/** The account keeps its names and its password: attributes are ignored. */
async function acceptAsAccount(
  services: Services,
  call: WriteCall,
  { offer, use }: Pick<Acceptance, 'offer' | 'use'>,
): Promise<void> {
  const { actor } = call;
  requireUnbound(actor);
  requireInvited(offer, await services.store.read.records(users).find(actor.userId));
  await call.write(
    async (transaction) => {
      const user = await transaction.records(users).findForUpdate(actor.userId);
      const claimed = await use(transaction);
      // The address may have changed meanwhile.
      requireInvited(claimed, user);
      await joinByOffer(services, transaction, call, claimed, user!);
    },
    // The inviter gets a mail, which refers to the account.
    locksOf(offer, [actor.userId, ...(offer.inviter === null ? [] : [offer.inviter.id])]),
  );
}

/** @throws ApiError invitation_for_another_account */
function requireInvited({ email }: Offer, user: User | null): void {
  if (user !== null && mailboxKey(user.email) === mailboxKey(email)) return;
  throw new ApiError('invitation_for_another_account', {
    detail: `The invitation is for ${email}, and you are signed in as ${user?.email}`,
    meta: { invited: email, signed_in: user?.email ?? null },
  });
}

async function claim(transaction: Transaction, tokenHash: string, now: number): Promise<Offer> {
  return offerOf(transaction, await transaction.links.claim(tokenHash, purpose, now), now);
}

interface Acceptance {
  readonly tokenHash: string;
  readonly offer: Offer;
  readonly attributes: Attributes;
  /** Claims the link, if the client has seen what it offers. */
  use(transaction: Transaction): Promise<Offer>;
}

async function acceptAsNew(
  services: Services,
  call: OpenWriteCall,
  { tokenHash, offer, attributes, use }: Acceptance,
): Promise<void> {
  const { store, clock, passwords } = services;
  if ((await accountOf(store.read, offer.email)) !== null) throw needsToken();
  const { first_name, last_name, password, newsletter_consent, ...others } = attributes;
  const author = { actor: system, origin: call.origin, baseUrl: call.baseUrl };
  const given = {
    email: offer.email,
    ...placeOf(offer),
    first_name: first_name ?? offer.invitation?.first_name ?? '',
    last_name: last_name ?? offer.invitation?.last_name ?? '',
    newsletter_consent: newsletter_consent ?? null,
    password: password ?? '',
  };
  const { wanted, violations } = await prepareCreation(userRules, services, author, given);
  const broken: ErrorObject[] = [...violations, ...unknownBeside(invitationLinks, others)];
  if (broken.length > 0) throw ApiError.of(broken);

  // Requests with the same link come one after the other, so those after the first find it used before they hash.
  await passwords.run(
    'known_address',
    async (hashing) => {
      await liveOffer(store.read, tokenHash, clock());
      const passwordHash = await hashing.hash(password as string);
      await call
        .write(
          async (transaction) => {
            const claimed = await use(transaction);
            const user = await createAccount(transaction, wanted, passwordHash, clock());
            const byUser = { actor: accountByLink(user), origin: call.origin };
            recordChange(transaction, byUser, users, { verb: 'create', before: null, after: user });
            showToAccount(transaction, author, user.id);
            await joinByOffer(services, transaction, byUser, claimed, user);
          },
          locksOf(offer, []),
        )
        .catch((error) => {
          throw asTakenIdentity(users, error);
        });
    },
    `link ${tokenHash}`,
    call.gone(),
  );
}

/** @throws ApiError if somebody else has got the address meanwhile */
async function createAccount(
  transaction: Transaction,
  wanted: Parameters<typeof insertUser>[2],
  passwordHash: string,
  now: number,
): Promise<User> {
  if ((await accountOf(transaction, wanted.email!)) !== null) throw needsToken();
  const asked = { actor: system, audience: everyAudience(users), current: null, wanted, now };
  const { values, violations } = await decideUser(transaction, asked);
  if (violations.length > 0) throw ApiError.of(violations);
  const author = { actor: system, origin: () => null };
  const id = await insertUser(transaction, author, values, { now, passwordHash });
  return (await transaction.records(users).find(id))!;
}
