// GET /mailbox: the newest mails first. Only who manages security reads it, because the links in the mails work.

import { hash } from 'node:crypto';
import { ApiError } from '../../errors.ts';
import { paginateByCursor, paginateByNumber } from '../../jsonapi/paginate.ts';
import { type CollectionQuery, readCollectionQuery } from '../../jsonapi/read-query.ts';
import { collectionDocument, reportWriter } from '../../jsonapi/write-document.ts';
import { managesSecurity } from '../../model/actor.ts';
import type { MailRow } from '../../store/mails.ts';
import type { Reads } from '../../store/store.ts';
import type { Call, Reply, Services } from '../operation.ts';
import { unchanged } from '../operations/reply.ts';
import { requireNamedOrganization } from '../organizations/require-organization.ts';
import { mailbox } from './mailbox.ts';

export async function listMailbox(services: Services, call: Call): Promise<Reply> {
  const { store, queries, zone, renderMail } = services;
  const { actor, organizationId } = call;
  if (!managesSecurity(actor)) throw new ApiError('access_denied');
  // With a link of the mailbox, everything could be written that its account may write.
  if (actor.readOnly) throw new ApiError('read_only_token');
  await requireNamedOrganization({ actor, organizationId }, store.read, {});
  const query = readCollectionQuery(call.query, mailbox, queries);
  const { mails, links, meta } = await pageOf(query, store.read, call.baseUrl() + call.path());
  const write = reportWriter(mailbox, query.fields, zone);
  const written: string[] = [];
  for (const mail of mails) {
    const { subject, text, html } = await renderMail(mail);
    const { id, toAddress: to, createdAt: created_at } = mail;
    written.push(write({ id, to, subject, text, html, created_at }));
  }
  const body = collectionDocument(written, query.includes === null ? null : [], links, meta);
  const etag = `"${hash('sha256', body, 'base64url').slice(0, 24)}"`;
  // No cache may store the tokens in it.
  const headers = { 'cache-control': 'no-store' };
  return { ...(unchanged(call, etag) ?? { status: 200, body, etag }), headers };
}

interface MailPage extends ReturnType<typeof paginateByNumber> {
  readonly mails: readonly MailRow[];
}

async function pageOf(query: CollectionQuery, { mails }: Reads, url: string): Promise<MailPage> {
  const { page } = query;
  const { size } = page;
  if (page.by === 'cursor') {
    const before = page.after === null ? null : (page.after[0] as number);
    const found = await mails.mailbox(size + 1, 0, before);
    const shown = found.slice(0, size);
    const next = found.length > size ? query.cursorAfter([shown.at(-1)!.id]) : null;
    return { mails: shown, ...paginateByCursor(url, query, next) };
  }
  const total = await mails.countMailbox();
  const skipped = (page.number - 1) * size;
  const shown = skipped < total ? await mails.mailbox(size, skipped) : [];
  return { mails: shown, ...paginateByNumber(url, query, total) };
}
