// POST /invitations: whoever has the join link of an organization asks for an invitation to an address. The same mail goes to
// every address, after the same statements: to members, to those who are invited already, to other accounts and to people
// without one. Nothing in the organization changes before the link in the mail is used.

import { hash, timingSafeEqual } from 'node:crypto';
import { ApiError, type ErrorObject, violation } from '../../errors.ts';
import { type Attributes, readDocument, unknownBeside } from '../../jsonapi/read-document.ts';
import { readRecordQuery } from '../../jsonapi/read-query.ts';
import * as kind from '../../model/kinds.ts';
import { mailLocale } from '../../model/mail-locale.ts';
import { networkOf } from '../../model/network.ts';
import { joinLinkBeginning } from '../../store/accounts.ts';
import type { Reads, Transaction } from '../../store/store.ts';
import { countMail } from '../mails/count-mail.ts';
import { queueDecoy, queueMail } from '../mails/queue-mail.ts';
import { requireMails } from '../mails/require-mails.ts';
import { toAccount } from '../mails/to-account.ts';
import type { OpenWriteCall, Reply, Services } from '../operation.ts';
import { nobody } from '../operations/record-change.ts';
import { type Organization, organizations } from '../organizations/organizations.ts';
import type { User } from '../users/users.ts';
import { linkEnd } from './deliver-invitation.ts';
import { invitationLinks } from './invitation-links.ts';
import { invitations } from './invitations.ts';
import { accountOf } from './invited-person.ts';

export async function requestByJoinLink(services: Services, call: OpenWriteCall): Promise<Reply> {
  const { store, mail } = services;
  readRecordQuery(call.query, invitationLinks, services.queries);
  const attributes = readDocument(call.body, { type: invitations.type, id: null });
  const { organizationId, email } = await readRequest(services, attributes);
  requireMails(mail);
  const account = await accountOf(store.read, email);
  const to = account?.email ?? email;
  const exceeded = await countMail(services, {
    to,
    network: networkOf(call.clientAddress()),
    organizationId,
  });

  await call.write(async (transaction) => {
    const organization = await transaction.records(organizations).find(organizationId);
    if (organization === null) throw ApiError.of([notValid]);
    if (exceeded === null) await invite(services, transaction, { organization, account, to });
    else await queueDecoy(services, transaction, 'invitation');
    transaction.record(() => ({
      action: `${invitations.singular}.request`,
      outcome: exceeded === null ? 'success' : 'failure',
      actor: nobody,
      record: { type: organizations.type, id: organization.id },
      // The owners read it: an account would tell them that the address has one.
      subjectId: null,
      organizationId: organization.id,
      changes: [],
      details: exceeded === null ? {} : { reason: 'too_many_mails' },
      origin: call.origin(),
    }));
  });
  return { status: 204, body: null };
}

async function invite(
  services: Services,
  transaction: Transaction,
  {
    organization: { id, name, locale },
    account,
    to,
  }: { readonly organization: Organization; readonly account: User | null; readonly to: string },
): Promise<void> {
  await queueMail(services, transaction, {
    kind: 'invitation',
    ...(account === null
      ? { userId: null, to: { address: to, name: null }, locale: mailLocale(locale) }
      : toAccount(account)),
    data: { organization: name, inviter: '', role: 'member' },
    link: { organizationId: id, email: to, expiresAt: linkEnd(services, {}, services.clock()) },
  });
}

interface JoinRequest {
  readonly organizationId: number;
  readonly email: string;
}

const notValid = violation('token', 'is not valid');

/** @throws ApiError invalid_attribute with every broken rule */
async function readRequest(
  { store, zone }: Pick<Services, 'store' | 'zone'>,
  { token, email, ...others }: Attributes,
): Promise<JoinRequest> {
  const organizationId = typeof token === 'string' ? await joinedBy(store.read, token) : null;
  const checked = isBlank(email) ? null : kind.sharedEmail.check(email, zone);
  const address = checked !== null && 'value' in checked ? checked.value : null;
  const violations: ErrorObject[] = [
    ...(organizationId !== null ? [] : [isBlank(token) ? violation('token', "can't be blank") : notValid]),
    ...(address !== null ? [] : [violation('email', isBlank(email) ? "can't be blank" : 'is not an email')]),
    ...unknownBeside(invitationLinks, others),
  ];
  if (organizationId === null || address === null || violations.length > 0) throw ApiError.of(violations);
  return { organizationId, email: address };
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/**
 * The organization of a join link; null if there is none. The secret is compared in constant time: its beginning finds the
 * organization, and the rest has more than 200 random bits.
 */
async function joinedBy(
  { organizations: { joinable } }: Pick<Reads, 'organizations'>,
  token: string,
): Promise<number | null> {
  const digest = (text: string) => hash('sha256', text, 'buffer');
  const found = await joinable(token.slice(0, joinLinkBeginning).toWellFormed().replaceAll('\0', ''));
  const own = found.filter(({ invitationToken }) => timingSafeEqual(digest(invitationToken), digest(token)));
  return own[0]?.id ?? null;
}
