// `muster mailbox`: the mails that a service without SMTP keeps for 24 hours. They are rendered here as the service does it,
// so their links work.

import type { Config } from '../../config.ts';
import { readId } from '../../model/id.ts';
import { zone } from '../../model/zone.ts';
import { mailRenderer, openMail } from '../../open-mail.ts';
import type { RenderStoredMail } from '../../resources/mails/mail-service.ts';
import type { MailRow } from '../../store/mails.ts';
import type { Store } from '../../store/store.ts';
import {
  CommandError,
  type OutputOptions,
  type OutputRow,
  printCut,
  printRecord,
  printRows,
  Time,
} from '../print.ts';
import { serviceAddress } from '../service-address.ts';
import { visible } from '../terminal-text.ts';

export async function mailboxCommand(
  store: Store,
  config: Config,
  id: string | undefined,
  { limit, ...output }: OutputOptions & { readonly limit: number },
): Promise<void> {
  const service = openMail(config);
  if (service.mode === 'off')
    throw new CommandError('There are no mails, because MUSTER_LINK_SECRET is not set');
  const render = mailRenderer(config, service, store.write, () => serviceAddress(config));
  const timeZone = zone(config.timeZone);
  const summary = async (mail: MailRow) => ({
    id: mail.id,
    created_at: new Time(mail.createdAt, timeZone),
    to: mail.toAddress,
    subject: (await render(mail)).subject,
  });
  if (id !== undefined) {
    const mail = await mailIn(store, id);
    printMail(await summary(mail), await render(mail), output);
    return;
  }
  const mails = await store.read.mails.mailbox(limit, 0);
  printRows(await Promise.all(mails.map(summary)), output);
  printCut(mails.length, await store.read.mails.countMailbox(), 'mails');
  const { queued } = await store.read.mails.outbox();
  if (queued > 0)
    process.stderr.write(`Mails that wait for the service to send them, or to move them here: ${queued}\n`);
}

async function mailIn({ read }: Store, text: string): Promise<MailRow> {
  const id = readId(text);
  const [mail] = id === null ? [] : await read.mails.mailbox(1, 0, id + 1);
  if (mail === undefined || mail.id !== id) throw new CommandError(`There is no mail ${text} in the mailbox`);
  return mail;
}

/** For people the text as it is, because a line of it may be copied. */
function printMail(
  head: OutputRow,
  { text, html }: Awaited<ReturnType<RenderStoredMail>>,
  output: OutputOptions,
): void {
  if (output.json) printRecord({ ...head, text, html }, output);
  else {
    printRecord(head, output);
    process.stdout.write(`\n${text.split('\n').map(visible).join('\n')}\n`);
  }
}
