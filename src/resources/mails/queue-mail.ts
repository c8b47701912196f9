// Creates mails, in the transaction of the act that they are about: both are committed or neither.

import { type LinkMailKind, linkOfMail, type MailData, type MailKind, mailboxMs } from '../../model/mail.ts';
import type { MailLocale } from '../../model/mail-locale.ts';
import { generateNonce, linkToken } from '../../security/link-token.ts';
import { hashToken } from '../../security/tokens.ts';
import type { NewLink } from '../../store/links.ts';
import type { NewMail } from '../../store/mails.ts';
import type { Transaction } from '../../store/store.ts';
import type { WriteServices } from '../operations/write-rules.ts';
import { endedLinkMs } from './delete-mails.ts';

type MailServices = Pick<WriteServices, 'mail' | 'clock'>;

/** Its purpose follows from the kind of the mail, its account is that of the mail. */
export interface LinkOfMail {
  readonly invitationId?: number;
  /** See NewLink. */
  readonly organizationId?: number;
  /** See NewLink. */
  readonly email?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export type MailToQueue<K extends MailKind = MailKind> = {
  readonly kind: K;
  /** The account with which the mail and its link are deleted; null for none. */
  readonly userId: number | null;
  readonly to: { readonly address: string; readonly name: string | null };
  readonly locale: MailLocale;
  readonly data: MailData[K];
} & (K extends LinkMailKind ? { readonly link: LinkOfMail } : { readonly link?: never });

/** Creates a mail, and its link. Does nothing where mail is off. */
export async function queueMail<K extends MailKind>(
  { mail: service, clock }: MailServices,
  transaction: Transaction,
  mail: MailToQueue<K>,
): Promise<void> {
  if (service.mode === 'off') return;
  const { kind, data, userId, to, locale } = mail as MailToQueue;
  const link = (mail as Partial<MailToQueue<LinkMailKind>>).link;
  const now = clock();
  const state = service.firstState;
  const linkId =
    link === undefined
      ? null
      : await createLink(service.linkSecret, transaction, {
          purpose: linkOfMail[kind as LinkMailKind],
          userId,
          invitationId: link.invitationId ?? null,
          organizationId: link.organizationId ?? null,
          email: link.email ?? null,
          createdAt: now,
          expiresAt: link.expiresAt,
        });
  await transaction.mails.create({
    ...({ kind, data } as Pick<NewMail, 'kind' | 'data'>),
    userId,
    toAddress: to.address,
    toName: to.name,
    locale,
    linkId,
    state,
    createdAt: now,
    deleteAt: state === 'queued' ? null : now + mailboxMs,
  } as NewMail);
}

/**
 * The same statements as `queueMail`, but nobody gets a mail: for routes that must not show whether an address has an
 * account. The link can never be used; the next run of the jobs deletes both rows.
 */
export async function queueDecoy(
  { mail: service, clock }: MailServices,
  transaction: Transaction,
  kind: LinkMailKind,
): Promise<void> {
  if (service.mode === 'off') return;
  const now = clock();
  const linkId = await createLink(service.linkSecret, transaction, {
    purpose: linkOfMail[kind],
    userId: null,
    invitationId: null,
    email: null,
    createdAt: now,
    expiresAt: now - endedLinkMs,
  });
  await transaction.mails.create({
    ...{ kind, data: {}, userId: null, toAddress: 'nobody@invalid', toName: null, locale: 'en', linkId },
    ...{ state: 'decoy', createdAt: now, deleteAt: now },
  } as unknown as NewMail);
}

async function createLink(
  secret: string,
  { links }: Transaction,
  link: Omit<NewLink, 'nonce'>,
): Promise<number> {
  const nonce = generateNonce();
  const { id } = await links.create({ ...link, nonce }, (id) =>
    hashToken(linkToken(secret, { ...link, id, nonce })),
  );
  return id;
}
