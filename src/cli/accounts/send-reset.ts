// `muster users send-reset`: mails a link to set a new password, or prints it.

import type { Config } from '../../config.ts';
import { zone } from '../../model/zone.ts';
import { mailReset, printReset } from '../../resources/passwords/issue-reset.ts';
import type { Store } from '../../store/store.ts';
import { CommandError, type OutputOptions, printRecord, Time } from '../print.ts';
import { serviceAddress } from '../service-address.ts';
import { endOfAccess, heldUserOf } from './named-records.ts';
import { operatorOf } from './operator.ts';

/** @param options.print instead of the mail. Where there is no SMTP, nobody would get it, so the link is printed */
export async function sendResetCommand(
  store: Store,
  config: Config,
  named: string,
  options: OutputOptions & { readonly print?: boolean },
): Promise<void> {
  const { services, writer } = operatorOf(store, config);
  const printed = await writer.write(async (transaction) => {
    const user = await heldUserOf(transaction, named);
    const [ended] = endOfAccess(user, services.clock());
    if (ended !== undefined) throw new CommandError(ended);
    const { id, email } = user;
    if (services.mail.mode === 'smtp' && !options.print) {
      await mailReset(services, transaction, writer, user);
      return { id, email, mailed: true };
    }
    const { link, expiresAt } = await printReset(
      { ...services, publicUrl: serviceAddress(config) },
      transaction,
      writer,
      user,
    );
    const note = 'Hand this link over safely: whoever opens it sets the password. It is not shown again';
    return { id, email, link, expires_at: new Time(expiresAt, zone(config.timeZone)), note };
  });
  printRecord(printed, options);
}
